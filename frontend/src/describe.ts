// Words for features: title, one-line summary and severity. Used by the list, the card, the
// labels for screen readers and the announcements alike, so that they never disagree.
import { confidenceAt, isStale, label, patternAt } from './confidence';
import { hasWord, lang, t, text3, word } from './i18n';
import type { Collection, Feature, Properties } from './model';
import { groupNames } from './state';

export function nameOf(p: Properties): string {
  const own = p[`name_${lang.value}`];
  return (typeof own === 'string' && own) || p.name_fr || p.name_ht || p.name_en || '';
}

export function groupName(id: string | null | undefined): string {
  if (!id) return '';
  const known = groupNames.value.get(id);
  return known ? text3(known) : id.replaceAll('-', ' ');
}

export const holdersOf = (p: Properties): string =>
  (p.holders ?? []).map((h) => groupName(h.group)).filter(Boolean).join(', ');

export function facilityKind(collection: Collection, p: Properties): string {
  const type = p.facility_type;
  if (type && hasWord('facility', type)) return word('facility', type);
  if (type) return type.replaceAll('_', ' ');
  if (collection === 'police-facilities') return t('facility.police');
  if (collection === 'ports') return t('facility.port');
  if (collection === 'airports') return t('facility.airport');
  return t('facility.other');
}

/** What sort of thing it is, with the value that matters most. */
export function kindOf(collection: Collection, p: Properties): string {
  switch (collection) {
    case 'controlled-zones': return word('control', p.control_type ?? 'unknown');
    case 'roadblocks': return word('subtype', p.subtype ?? 'other');
    case 'national-roads': return word('status', p.status ?? 'unknown');
    case 'incidents': return String(p.sub_event_type ?? p.event_type ?? '').replaceAll('_', ' ') || t('layer.incidents');
    case 'admin-areas': return p.level === 1 ? t('level.1') : t('level.2');
    case 'places': return word('place', p.place_kind ?? 'other');
    default: return facilityKind(collection, p);
  }
}

export function featureTitle(collection: Collection, p: Properties): string {
  const name = nameOf(p);
  if (collection === 'national-roads') return name || p.ref || t('card.road');
  return name || `${kindOf(collection, p)}${p.code ? ` ${p.code}` : ''}`;
}

export function confidenceWord(p: Properties, atMs: number): string {
  const now = confidenceAt(p, atMs);
  if (now != null) return word('confidence', label(now));
  return p.confidence_label ? word('confidence', p.confidence_label) : t('confidence.unknown');
}

/** A whole sentence for a feature that has no visible label, such as a symbol on the map. */
export function sentence(collection: Collection, p: Properties, atMs: number): string {
  const words = [featureTitle(collection, p), kindOf(collection, p)];
  if (collection === 'controlled-zones') {
    if (p.claim_level === 'claimed') words.push(word('claim', 'claimed'));
    const holders = holdersOf(p);
    if (holders) words.push(holders);
  }
  if (collection === 'roadblocks' && p.state) words.push(word('state', p.state));
  if (p.functional) words.push(word('functional', p.functional));
  if (collection === 'controlled-zones' || collection === 'roadblocks') {
    words.push(`${t('card.how').toLowerCase()} ${confidenceWord(p, atMs)}`);
  }
  if (isStale(p, atMs)) words.push(t('reason.stale'));
  return [...new Set(words)].join(', ');
}

const zoneRank: Record<string, number> = {
  contested: 74, controlled: 72, influenced: 62, self_defence: 54, unknown: 52, depopulated: 44, recovered: 40, state_held: 20,
};
const roadRank: Record<string, number> = { closed: 80, restricted: 60, unknown: 50, open: 10 };
const armed = new Set(['toll_post', 'barricade_manned', 'ambush_stretch', 'mine_uxo', 'burning_barricade', 'fixed_barrier', 'trench_ditch']);

/** 0 to 100, the most severe highest. Unknown ranks with bad, never with good. */
export function severity(collection: Collection, f: Feature, atMs: number): number {
  const p = f.properties;
  const fading = patternAt(p, atMs) === 'stale' ? 15 : 0;
  switch (collection) {
    case 'roadblocks':
      if (p.state === 'cleared' || p.state === 'archived' || p.state === 'false') return 15;
      return (armed.has(p.subtype ?? '') ? 92 : 78) - (p.state === 'intermittent' ? 8 : 0) - fading;
    case 'controlled-zones': return (zoneRank[p.control_type ?? 'unknown'] ?? 52) - fading;
    case 'national-roads': return roadRank[p.status ?? 'unknown'] ?? 50;
    case 'incidents': return 45;
    case 'police-facilities': case 'ports': case 'airports': case 'facilities':
      return { none: 48, partial: 36, unknown: 34, full: 12 }[p.functional ?? 'unknown'] ?? 34;
    case 'places': return 4;
    case 'admin-areas': return 2;
  }
}
