// One object, one card: what · how sure · how old · who says · when · how precise · history.
import { useEffect, useRef } from 'preact/hooks';
import { confidenceAt, eighthsLeft, hoursBetween, isStale, RING_PARTS } from '../confidence';
import { confidenceWord, featureTitle, groupName, kindOf, nameOf } from '../describe';
import { t, word } from '../i18n';
import { age, area, date, dateTime, distance, number } from '../i18n/format';
import { Icon, reveal } from '../map/map';
import type { Collection, Feature, Properties } from '../model';
import { atMs, feature, focus, isPublic, loading } from '../state';
import { choose } from '../store';
import { FeatureIcon } from './feature-icon';
import { History } from './history';
import '../style/card.css';

export function Card() {
  const target = focus.value;
  const element = useRef<HTMLElement>(null);
  const opener = useRef<Element | null>(null);
  const key = target ? `${target.collection}:${target.id}` : '';
  useEffect(() => {
    if (!key) {
      if (opener.current instanceof HTMLElement || opener.current instanceof SVGElement) opener.current.focus();
      opener.current = null;
      return;
    }
    opener.current ??= document.activeElement;
    element.current?.focus({ preventScroll: true });
  }, [key]);
  if (!target) return null;
  const found = feature(target);
  return (
    <section class="card" ref={element} tabIndex={-1} aria-labelledby="card-title">
      <button type="button" class="close" aria-label={t('app.close')} onClick={() => choose(null)}><Icon d="M4 4 14 14M14 4 4 14" /></button>
      {found
        ? <Body collection={target.collection} feature={found} />
        : <p id="card-title" class="empty">{loading.value ? t('app.loading') : t('card.gone')}</p>}
    </section>
  );
}

function Body({ collection, feature: f }: { collection: Collection; feature: Feature }) {
  const p = f.properties;
  const at = atMs.value;
  const title = featureTitle(collection, p);
  const kind = kindOf(collection, p);
  const graded = p.reliability || p.credibility != null || p.confidence != null;
  return (
    <>
      <header>
        <FeatureIcon collection={collection} p={p} />
        <div>
          <p class="layer">{t(`layer.${collection}`)}{p.code ? ` · ${p.code}` : ''}</p>
          <h2 id="card-title">{title}</h2>
          <p class="kind">{[kind !== title && kind, collection === 'controlled-zones' && p.claim_level && word('claim', p.claim_level), collection === 'roadblocks' && p.state && word('state', p.state), collection !== 'roadblocks' && p.functional && word('functional', p.functional)].filter(Boolean).join(' · ')}</p>
        </div>
      </header>
      {p.demonstration && <p class="demonstration">{t('card.demonstration')}</p>}
      {p.stale_at && isStale(p, at) && <p class="stale-line">{t('card.staleSince', { date: date(p.stale_at) })}</p>}
      <dl class="facts">
        {graded && <Fact term={t('card.how')}><Confidence p={p} at={at} /></Fact>}
        {(p.last_confirmed_at || p.stale_at) && <Fact term={t('card.age')}><Freshness p={p} at={at} /></Fact>}
        {graded && <Fact term={t('card.who')}><Who p={p} /></Fact>}
        <Fact term={t('card.when')}>{validity(p)}{p.revision != null && p.known_at && <small>{t('card.known', { n: number(p.revision), date: date(p.known_at) })}</small>}</Fact>
        <Fact term={t('card.where')}>
          {[p.geo_precision != null && word('geo', p.geo_precision), p.precision_m != null && p.precision_m > 0 && t('card.radius', { distance: distance(p.precision_m) })].filter(Boolean).join(' · ') || t('legend.unknown')}
          {collection === 'national-roads' && (p.precision_m ?? 0) >= 500 && <small>{t('card.schematic')}</small>}
        </Fact>
        <Details collection={collection} p={p} />
      </dl>
      <References p={p} />
      <p class="actions"><button type="button" onClick={() => reveal({ collection, id: f.id })}>{t('card.goTo')}</button></p>
      <History key={f.id} collection={collection} id={f.id} />
    </>
  );
}

const Fact = ({ term, children }: { term: string; children: preact.ComponentChildren }) => <><dt>{term}</dt><dd>{children}</dd></>;

function Confidence({ p, at }: { p: Properties; at: number }) {
  const now = confidenceAt(p, at);
  return (
    <>
      <strong>{confidenceWord(p, at)}</strong>{now != null && ` · ${number(now, 2)}`}
      {now != null && <span class="meter" aria-hidden="true"><span style={{ width: `${Math.round(now * 100)}%` }} /></span>}
      {p.confidence != null && now != null && Math.abs(p.confidence - now) >= 0.005 && <small>{t('card.atConfirmation', { value: number(p.confidence, 2) })}</small>}
    </>
  );
}

function Freshness({ p, at }: { p: Properties; at: number }) {
  const left = eighthsLeft(p, at);
  return (
    <>
      {p.last_confirmed_at ? t('card.confirmed', { age: age(hoursBetween(p.last_confirmed_at, at)), date: date(p.last_confirmed_at) }) : t('card.neverConfirmed')}
      {p.stale_at && !isStale(p, at) && <small>{t('card.staleOn', { date: dateTime(p.stale_at) })}{left != null && ` · ${left}/${RING_PARTS}`}</small>}
    </>
  );
}

function Who({ p }: { p: Properties }) {
  const grade = `${p.reliability ?? '?'}${p.credibility ?? '?'}`;
  const sources = p.source_ids?.length ?? 0;
  return (
    <>
      <strong>{t('card.grade', { grade })}</strong>{sources > 0 && ` · ${t('card.sources', { n: sources })}`}
      <small>{[p.reliability && word('reliability', p.reliability), p.credibility != null && word('credibility', p.credibility)].filter(Boolean).join(' · ')}</small>
    </>
  );
}

function validity(p: Properties): string {
  const from = p.valid_from ? t('card.from', { date: date(p.valid_from) }) : '';
  const to = p.valid_to ? t('card.to', { date: date(p.valid_to) }) : t('card.open');
  return [from, to].filter(Boolean).join(' · ');
}

/** References are shown as text, never as links: following one would tell a third party what is read. */
function References({ p }: { p: Properties }) {
  const references = (p.references ?? []).map((r) => (typeof r === 'string' ? r : r && typeof r === 'object' ? Object.values(r).filter((v) => typeof v === 'string').join(', ') : '')).filter(Boolean);
  if (references.length === 0) return null;
  return <p class="references"><span>{t('card.references')} :</span> {references.join(' · ')}</p>;
}

function Details({ collection, p }: { collection: Collection; p: Properties }) {
  const rows: [string, preact.ComponentChildren][] = [];
  const add = (key: Parameters<typeof t>[0], value: preact.ComponentChildren) => { if (value != null && value !== '' && value !== false) rows.push([t(key), value]); };
  const redacted = isPublic.value ? t('card.withheld') : t('legend.unknown');
  switch (collection) {
    case 'controlled-zones':
      add('card.holders', p.holders?.length ? p.holders.map((h) => `${groupName(h.group)}${h.role ? ` (${word('holder', h.role)})` : ''}`).join(', ') : null);
      add('card.traits', p.traits?.map((x) => word('trait', x)).join(', '));
      add('card.boundary', p.boundary_quality && word('boundary', p.boundary_quality));
      add('card.evidence', p.evidence_note);
      break;
    case 'roadblocks':
      add('card.actor', p.actor_type && word('actor', p.actor_type) + (p.group_id ? ` · ${groupName(p.group_id)}` : ''));
      add('card.mode', p.pass_mode && word('mode', p.pass_mode));
      add('card.toll', p.toll?.length ? p.toll.map((x) => tollText(x)).join(' · ') : null);
      add('card.schedule', p.schedule);
      add('card.passability', p.passability && passabilityText(p.passability));
      add('card.road', p.road_ref);
      add('card.commune', p.commune);
      break;
    case 'national-roads':
      add('card.section', [p.from_name, p.to_name].filter(Boolean).join(' – '));
      add('card.state', p.status ? word('status', p.status) : redacted);
      add('card.cause', p.cause && word('cause', p.cause));
      add('card.maxClass', p.max_class && word('vehicle', p.max_class));
      add('card.length', p.length_m != null && distance(p.length_m));
      break;
    case 'admin-areas':
      add('card.kind', `${word('level', p.level ?? 2)} · ${p.pcode ?? ''}`);
      add('card.area', p.area_km2 != null && area(p.area_km2));
      add('card.population', p.population != null && `${number(p.population)}${p.population_year ? ` (${p.population_year})` : ''}`);
      break;
    case 'places':
      add('card.commune', p.commune);
      break;
    case 'incidents':
      break;
    default:
      add('card.function', p.functional ? word('functional', p.functional) : redacted);
      add('card.condition', p.condition && word('condition', p.condition));
      add('card.reason', p.status_reason && word('why', p.status_reason));
      add('card.occupiedBy', p.occupied_by);
      add('card.icao', p.icao);
      add('card.commune', p.commune);
  }
  const other = nameOf(p) !== p.name_fr ? p.name_fr : null;
  if (other) rows.unshift(['fr', other]);
  return <>{rows.map(([term, value]) => <Fact key={term} term={term}>{value}</Fact>)}</>;
}

const unitKey: Record<string, Parameters<typeof t>[0]> = { trip: 'card.perTrip', day: 'card.perDay', week: 'card.perWeek' };

export function tollText(toll: { vehicle_class?: string; amount?: number; currency?: string; unit?: string }): string {
  const unit = toll.unit && unitKey[toll.unit] ? ` ${t(unitKey[toll.unit]!)}` : '';
  const amount = toll.amount != null ? `${number(toll.amount)} ${toll.currency ?? 'HTG'}${unit}` : t('passage.unknownAmount');
  return toll.vehicle_class ? `${word('vehicle', toll.vehicle_class)} ${amount}` : amount;
}

function passabilityText(passability: Record<string, string | null>): string {
  const by = new Map<string, string[]>();
  for (const [vehicle, answer] of Object.entries(passability)) {
    if (!answer || answer === 'unknown') continue;
    by.set(answer, [...(by.get(answer) ?? []), word('vehicle', vehicle)]);
  }
  return [...by].map(([answer, list]) => `${word('pass', answer)} : ${list.join(', ')}`).join(' · ');
}
