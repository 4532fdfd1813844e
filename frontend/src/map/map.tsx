// The map: an SVG whose features are buttons, with its controls around it.
import { useEffect, useRef } from 'preact/hooks';
import { useComputed } from '@preact/signals';
import { t } from '../i18n';
import { number } from '../i18n/format';
import * as passage from '../passage';
import { isCollection, type Collection } from '../model';
import { features, streets, tab } from '../state';
import { choose } from '../store';
import { AdminLines, Land, Zones } from './areas';
import { coastNotice } from './coast';
import { PointedGround } from './pointed';
import { overlaps, type Box } from './geometry';
import { attach } from './gestures';
import { Patterns } from './patterns';
import { metresPerUnit, project } from './projection';
import { Streets } from './streets';
import { ObstacleLines, RouteRails, Roads } from './roads';
import { boxFor } from './scene';
import { Symbols } from './symbols';
import { HAITI, bounds, fit, fitting, flyTo, flyZoom, panTransform, scale, setView, size, toPosition, view, worldTransform } from './view';

/** More features than this in view are reached through the list, not by tabbing over the map. */
const MOST_TABBABLE = 60;
const focusableLayers = ['controlled-zones', 'roadblocks', 'national-roads', 'facilities', 'ports', 'airports', 'police-facilities'] as const;

export function MapView() {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const host = element.current;
    if (!host) return undefined;
    const measure = new ResizeObserver(([entry]) => {
      if (entry) {
        const first = size.value.width === 0;
        size.value = { width: entry.contentRect.width, height: entry.contentRect.height };
        if (first && !view.value.x && !view.value.y) setView(fitting(HAITI, 24));
      }
    });
    measure.observe(host);
    const detach = attach(host, { onClick: (at, target) => clicked(toPosition(at), target) });
    return () => { measure.disconnect(); detach(); };
  }, []);

  const focusable = useComputed(() => {
    const b = bounds.value;
    let n = 0;
    for (const c of focusableLayers) for (const f of features.value[c]?.values() ?? []) if (overlaps(boxFor(f), b)) n++;
    return n <= MOST_TABBABLE;
  });

  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    const key = (event.target as Element).closest('[data-key]');
    if (key) { event.preventDefault(); openKey(key); }
  };

  const picking = tab.value === 'passage';
  return (
    <div class={`map ${picking ? 'picking' : ''}`} ref={element} role="region" aria-label={t('app.map')} aria-describedby="map-help" tabIndex={0} onKeyDown={onKey}>
      <p id="map-help" class="unseen">{t('app.mapHelp')}</p>
      <svg role="group" aria-label={t('app.map')}>
        <Patterns prefix="map" />
        <g transform={worldTransform}>
          <Land />
          <Zones focusable={focusable.value} />
          <Streets />
          <AdminLines />
          <RouteRails />
          <Roads focusable={focusable.value} />
          <ObstacleLines />
          <PointedGround />
        </g>
        <Symbols focusable={focusable.value} />
        <Ends />
      </svg>
      <MapControls />
      <ScaleBar />
      <p class="attribution">{coastNotice} · {t('attribution.cod')}{streetCredit()}</p>
      {picking && !passage.answer.value && (
        <p class="picking-hint" aria-hidden="true">{t(passage.ends.value.from && !passage.ends.value.to ? 'passage.pickB' : 'passage.pickA')}</p>
      )}
    </div>
  );
}

/** Who drew the streets, as soon as they are shown. */
function streetCredit(): string {
  const network = streets.value?.network;
  if (!network) return '';
  if (network.id === BUNDLED_NETWORK) return ` · ${t('attribution.osm')}`;
  return coastNotice.includes(network.licence) ? '' : ` · ${network.licence}`;
}
const BUNDLED_NETWORK = 'haiti-skeleton'; // its licence in full is in the data; the map has room for its name

function clicked(at: [number, number], target: Element): void {
  const key = target.closest('[data-key]');
  if (tab.value === 'passage') { passage.click(at); return; }
  if (key) openKey(key);
  else if (!target.closest('[data-map-control]')) choose(null);
}

function openKey(element: Element): void {
  const [collection, id] = split(element.getAttribute('data-key') ?? '');
  if (!collection || !id) return;
  const group = element.getAttribute('data-group')?.split(' ') ?? [];
  if (group.length > 1 && view.value.zoom < 14) {
    const boxes = group.map((g) => find(g)).filter((b): b is Box => b !== null);
    const all = boxes.reduce((a, b) => ({ west: Math.min(a.west, b.west), south: Math.min(a.south, b.south), east: Math.max(a.east, b.east), north: Math.max(a.north, b.north) }));
    const target = fitting(all, 90, 15);
    if (target.zoom > view.value.zoom + 0.4) { flyTo(target); return; }
  }
  choose({ collection, id });
}

function find(id: string): Box | null {
  for (const map of Object.values(features.value)) {
    const f = map.get(id);
    if (f) return boxFor(f);
  }
  return null;
}

function split(key: string): [Collection | null, string] {
  const i = key.indexOf(':');
  const collection = key.slice(0, i);
  return [isCollection(collection) ? collection : null, key.slice(i + 1)];
}

/** Centres on what is chosen when it lies outside the view. */
export function reveal(target: { collection: Collection; id: string }): void {
  const f = features.value[target.collection]?.get(target.id);
  if (!f?.geometry) return;
  const box = boxFor(f);
  const extended = box.east - box.west > 0.002;
  fit(box, 70, extended ? 13.5 : Math.max(view.value.zoom, 12.5));
}

function Ends() {
  const { from, to } = passage.ends.value;
  const pointed = passage.pointed.value;
  const answer = passage.answer.value;
  const s = scale.value;
  const mark = answer && pointed?.km != null ? passage.atKm(answer, pointed.km) : null;
  return (
    <g class="ends" transform={panTransform} aria-hidden="true">
      {mark && <g transform={`translate(${mark.x * s} ${mark.y * s})`}><circle class="pointed" r="20" /><circle class="pointed-dot" r="5" /></g>}
      {([['A', from], ['B', to]] as const).map(([letter, end]) => {
        if (!end) return null;
        const u = project(end.at);
        return (
          <g key={letter} class={`pin ${letter}`} transform={`translate(${u.x * s} ${u.y * s})`}>
            <path d="M0 0C-4-7-11-12-11-19.5A11 11 0 0 1 11-19.5C11-12 4-7 0 0Z" />
            <text y="-15">{letter}</text>
          </g>
        );
      })}
    </g>
  );
}

function MapControls() {
  return (
    <div class="map-controls" data-map-control>
      <button type="button" aria-label={t('app.zoomIn')} title={t('app.zoomIn')} onClick={() => flyZoom(1)}><Icon d="M9 3V15M3 9H15" /></button>
      <button type="button" aria-label={t('app.zoomOut')} title={t('app.zoomOut')} onClick={() => flyZoom(-1)}><Icon d="M3 9H15" /></button>
      <button type="button" aria-label={t('app.home')} title={t('app.home')} onClick={() => fit(HAITI, 24)}><Icon d="M3 6V3H6M12 3H15V6M15 12V15H12M6 15H3V12" /></button>
    </div>
  );
}

export const Icon = ({ d }: { d: string }) => <svg class="icon" viewBox="0 0 18 18" aria-hidden="true"><path d={d} /></svg>;

const STEPS_M = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];

function ScaleBar() {
  const metresPerPixel = metresPerUnit((bounds.value.south + bounds.value.north) / 2) / scale.value;
  const metres = STEPS_M.filter((m) => m / metresPerPixel <= 120).at(-1) ?? STEPS_M[0]!;
  const text = metres < 1000 ? `${number(metres)} m` : `${number(metres / 1000)} km`;
  return <div class="scale-bar" style={{ width: `${(metres / metresPerPixel).toFixed(1)}px` }} aria-hidden="true">{text}</div>;
}
