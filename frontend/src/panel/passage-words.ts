// What a passage answer says, as words: risk, tolls, opening, places of help, reasons.
import { groupName, nameOf } from '../describe';
import { lang, t, word } from '../i18n';
import { age, dateTime, distance, number, span } from '../i18n/format';
import { isCollection, type NextOpening, type PassageAnswer, type Reason, type Refuge } from '../model';
import { feature } from '../state';
import { tollText } from './card';

/** The band, and its two parts apart: what is reported and what nobody has told of. */
export function riskText(risk: NonNullable<PassageAnswer['risk']>): string {
  return t('passage.riskParts', { band: word('band', risk.band), known: number(risk.known, 3), unknown: number(risk.unknown, 3) });
}

/** How many pay posts, what they ask together, how much that varies, and of how many a price is known. */
export function tollsText(answer: PassageAnswer): string {
  const tolls = answer.tolls;
  if (!tolls || tolls.count === 0) return '';
  const { total_htg: total, low_htg: low, high_htg: high } = tolls;
  let amount = total != null ? `${number(total)} HTG` : t('passage.unknownAmount');
  if (total != null && low != null && high != null && low !== high) amount += ` (${number(low)} – ${number(high)})`;
  const known = tolls.classes?.find((c) => c.vehicle_class === answer.vehicle)?.known;
  if (total != null && known != null && known < tolls.count) amount += `, ${t('passage.tollsKnown', { known: number(known), of: number(tolls.count) })}`;
  return t('passage.tolls', { n: tolls.count, amount });
}

export function openingText(opening: NextOpening): string {
  return t(opening.waited ? 'passage.openingWaited' : 'passage.opening', { km: number(opening.km, 1), date: dateTime(opening.at), wait: span(opening.wait_s) });
}

export function refugeDetail(refuge: Refuge): string {
  const words = [refuge.name ? word('facility', refuge.facility_type) : '', word('functional', refuge.functional), t('passage.fromWay', { distance: distance(refuge.distance_m) })];
  if (refuge.age_h != null) words.push(age(refuge.age_h));
  return words.filter(Boolean).join(' · ');
}

/** Its name in the reader's language, where the map has it; the answer's is in French. */
export function refugeName(refuge: Refuge): string {
  const target = targetOf(refuge);
  const known = target && feature(target);
  return (known && nameOf(known.properties)) || refuge.name || word('facility', refuge.facility_type);
}

/** What the card of a reason or a place of help shows, if it has one. */
export function targetOf(of: { collection?: string | null; id?: string | null }) {
  return of.id && of.collection && isCollection(of.collection) ? { collection: of.collection, id: of.id } : null;
}

const told = (r: Reason): string | undefined => r.text?.[lang.value];

export function reasonTitle(r: Reason): string {
  const own = told(r);
  if (own) return own;
  switch (r.kind) {
    case 'roadblock': return [r.subtype ? word('subtype', r.subtype) : word('reason', 'roadblock'), r.name].filter(Boolean).join(' · ');
    case 'zone': return [t('reason.zoneText', { control: word('control', r.control_type ?? 'unknown') }), r.name].filter(Boolean).join(' · ');
    case 'unobserved': return t('reason.unobservedText');
    case 'access': return t('reason.accessText');
    case 'network': return t('reason.networkText');
    default: return [word('reason', r.kind), r.name].filter(Boolean).join(' · ');
  }
}

/** What the title does not say; the server's own sentence has holder, terms, confidence and age in it. */
export function reasonDetail(r: Reason): string {
  const words: string[] = [];
  if (r.effect && r.effect !== 'no_reported_obstacle') words.push(word('advice', r.effect).toLowerCase());
  if (r.length_m && r.kind === 'roadblock') words.push(t('reason.somewhere', { km: distance(r.length_m) }));
  else if (r.length_m && (r.kind === 'road_status' || !told(r))) words.push(t('reason.length', { km: distance(r.length_m) }));
  if (!told(r)) {
    if (r.actor_type && r.actor_type !== 'unknown') words.push(word('actor', r.actor_type));
    if (r.passability && r.passability !== 'yes') words.push(word('pass', r.passability));
  }
  if (r.groups?.length) words.push(r.groups.map(groupName).join(', '));
  if (r.toll?.length) words.push(r.toll.map(tollText).join(', '));
  if (r.schedule) words.push(r.schedule);
  if (!told(r)) {
    if (r.confidence_label) words.push(`${t('card.how').toLowerCase()} ${word('confidence', r.confidence_label)}`);
    if (r.age_h != null) words.push(age(r.age_h));
    if (r.stale) words.push(t('reason.stale'));
  }
  if (r.sources) words.push(t('card.sources', { n: r.sources }));
  return words.join(' · ');
}
