// What lies under everything: coast, administrative outlines, and the zones of control.
import { useComputed } from '@preact/signals';
import { patternAt, type Pattern } from '../confidence';
import { sentence } from '../describe';
import { controlType, type Feature } from '../model';
import { atMs, features, focus, hidden, recentlyChanged } from '../state';
import { coastPath } from './coast';
import { areaOf, pathData } from './geometry';
import { metresPerUnit } from './projection';
import { roundZoom, wholeZoom } from './view';

const paths = new WeakMap<Feature, Map<number, string>>();
/** Path data of a feature, kept for each whole zoom as long as the feature lives. */
export function pathFor(feature: Feature, zoom: number): string {
  let byZoom = paths.get(feature);
  if (!byZoom) paths.set(feature, (byZoom = new Map()));
  let d = byZoom.get(zoom);
  if (d === undefined) byZoom.set(zoom, (d = feature.geometry ? pathData(feature.geometry, zoom) : ''));
  return d;
}

const areas = new WeakMap<Feature, number>();
const areaFor = (feature: Feature): number => {
  let a = areas.get(feature);
  if (a === undefined) areas.set(feature, (a = feature.geometry ? areaOf(feature.geometry) : 0));
  return a;
};

export function Land() {
  return <path class="land" d={coastPath} />;
}

const COMMUNES_FROM_ZOOM = 8.6;

export function AdminLines() {
  if (hidden.value.has('admin-areas')) return null;
  const zoom = wholeZoom.value;
  const all = [...(features.value['admin-areas']?.values() ?? [])];
  const departments = all.filter((f) => f.properties.level === 1);
  const communes = roundZoom.value >= COMMUNES_FROM_ZOOM ? all.filter((f) => f.properties.level !== 1) : [];
  return (
    <g class="admin" aria-hidden="true">
      <path class="commune" d={communes.map((f) => pathFor(f, zoom)).join('')} />
      <path class="department" d={departments.map((f) => pathFor(f, zoom)).join('')} />
    </g>
  );
}

/** Zones from the largest to the smallest, so that a small one is never hidden under a large one. */
export function Zones({ focusable }: { focusable: boolean }) {
  const sorted = useComputed(() => [...(features.value['controlled-zones']?.values() ?? [])].sort((a, b) => areaFor(b) - areaFor(a)));
  if (hidden.value.has('controlled-zones')) return null;
  const width = Math.max(0.45, Math.min(1, (roundZoom.value - 6.5) / 4.5));
  return (
    <g class="zones" style={{ '--w': width }}>
      {sorted.value.map((zone) => <Zone key={zone.id} zone={zone} focusable={focusable} />)}
    </g>
  );
}

const BAND_MAX_PX = 20;

function Zone({ zone, focusable }: { zone: Feature; focusable: boolean }) {
  const p = zone.properties;
  const control = controlType(p.control_type);
  const at = atMs.value;
  const pattern: Pattern = patternAt(p, at);
  const d = pathFor(zone, wholeZoom.value);
  const claimed = p.claim_level === 'claimed';
  const chosen = focus.value?.id === zone.id && focus.value.collection === 'controlled-zones';
  const overlay = control === 'unknown' ? 'unknown' : pattern === 'high' ? null : pattern;
  const classes = ['zone', `control-${control}`, pattern, claimed ? 'claimed' : 'assessed', chosen ? 'chosen' : '', recentlyChanged.value.has(zone.id) ? 'changed' : ''];
  return (
    <g class={classes.join(' ')}>
      <Band d={d} precisionM={p.precision_m ?? 0} />
      <path
        class="fill" d={d} data-key={`controlled-zones:${zone.id}`} role="button" tabindex={focusable ? 0 : -1}
        aria-label={sentence('controlled-zones', p, at)}
      />
      {!claimed && overlay && <path class="overlay" d={d} fill={`url(#map-${overlay})`} />}
      {claimed && <path class="edge under" d={d} />}
      <path class="edge" d={d} />
      {claimed && <path class="edge gap" d={d} />}
    </g>
  );
}

/** The soft edge: as wide on the ground as the outline is imprecise, drawn in three steps. */
export function Band({ d, precisionM, maxPx = BAND_MAX_PX }: { d: string; precisionM: number; maxPx?: number }) {
  if (precisionM <= 0) return null;
  const units = precisionM / metresPerUnit(18.6);
  const widest = maxPx / 2 ** (roundZoom.value - 12);
  const width = Math.min(units, widest);
  return (
    <g class="band" aria-hidden="true">
      {[2, 1.3, 0.6].map((f) => <path key={f} d={d} stroke-width={(f * width).toFixed(2)} />)}
    </g>
  );
}
