// Which symbols and names are drawn where, at the present zoom: computed once for each zoom step
// and each patch of ground, then only moved while the map is dragged.
import { computed } from '@preact/signals';
import { featureTitle, nameOf, severity } from '../describe';
import { lang } from '../i18n';
import { MAX_STREET_PRECISION_M, type Collection, type Feature, type Position } from '../model';
import { atMs, features, focus, hidden, streets } from '../state';
import { along, anchorOf, boxOf, isArea, lineLength, parts, type Box } from './geometry';
import { group, Occupied, placeLabels, pushAside, type Label, type LabelWish } from './layout';
import { metresPerUnit, project, scaleAt, unproject, type XY } from './projection';
import { SCHEMATIC_FROM_ZOOM } from './streets';
import { towns } from './towns';
import { size, view } from './view';

/** Facilities appear from these zooms on; what is chosen is always drawn. */
const fromZoom: Partial<Record<Collection, number>> = {
  ports: 8.4, airports: 8.4, 'police-facilities': 9.4, facilities: 9.4, incidents: 9.4,
};
const symbolLayers = ['facilities', 'ports', 'airports', 'police-facilities', 'incidents', 'roadblocks'] as const;

export interface SymbolItem extends XY { collection: Collection; feature: Feature; rank: number }
export interface SymbolGroup extends XY { items: SymbolItem[] }
export interface Scene { facilities: SymbolGroup[]; roadblocks: SymbolGroup[]; labels: Label[]; capitals: Label[]; shields: Label[]; streetNames: StreetName[] }
/** A street's name along its edge, turned by degrees. */
export interface StreetName extends XY { text: string; degrees: number }

const anchors = new WeakMap<Feature, XY>();
/** The one point that stands for a feature, in units. */
export function anchorFor(feature: Feature): XY {
  let a = anchors.get(feature);
  if (!a) anchors.set(feature, (a = feature.geometry ? anchorOf(feature.geometry) : { x: 0, y: 0 }));
  return a;
}

const boxes = new WeakMap<Feature, Box>();
export function boxFor(feature: Feature): Box {
  let b = boxes.get(feature);
  if (!b) boxes.set(feature, (b = boxOf(feature.geometry ? parts(feature.geometry).flat() : [])));
  return b;
}

const CELL_PX = 400;
/** The patch of ground that is laid out: the view and one cell around it. Changes rarely. */
const patch = computed(() => {
  const s = scaleAt(view.value.zoom);
  const { width, height } = size.value;
  const west = Math.floor((view.value.x * s - width / 2) / CELL_PX) - 1;
  const north = Math.floor((view.value.y * s - height / 2) / CELL_PX) - 1;
  const east = Math.floor((view.value.x * s + width / 2) / CELL_PX) + 2;
  const south = Math.floor((view.value.y * s + height / 2) / CELL_PX) + 2;
  return `${west} ${north} ${east} ${south}`;
});
const zoomNow = computed(() => view.value.zoom);

export const scene = computed<Scene>(() => {
  const zoom = zoomNow.value;
  const s = scaleAt(zoom);
  const [west, north, east, south] = patch.value.split(' ').map((n) => Number(n) * CELL_PX) as [number, number, number, number];
  const within = (p: XY) => p.x >= west && p.x <= east && p.y >= north && p.y <= south;
  const px = (u: XY): XY => ({ x: u.x * s, y: u.y * s });
  const at = atMs.value;

  const gather = (collection: Collection): SymbolItem[] => {
    if (hidden.value.has(collection)) return [];
    const hiddenByZoom = zoom < (fromZoom[collection] ?? 0);
    const list: SymbolItem[] = [];
    for (const feature of features.value[collection]?.values() ?? []) {
      if (!feature.geometry) continue;
      if (hiddenByZoom && focus.value?.id !== feature.id) continue;
      const p = px(anchorFor(feature));
      if (within(p)) list.push({ ...p, collection, feature, rank: severity(collection, feature, at) });
    }
    return list;
  };
  const order = (a: SymbolItem, b: SymbolItem) => b.rank - a.rank || (a.feature.id < b.feature.id ? -1 : 1);
  const chosenFirst = (a: SymbolItem, b: SymbolItem) =>
    Number(b.feature.id === focus.value?.id) - Number(a.feature.id === focus.value?.id) || order(a, b);
  const roadblocks = group(gather('roadblocks').sort(chosenFirst), zoom >= 14.5 ? 8 : 25);
  const facilities = group(symbolLayers.filter((c) => c !== 'roadblocks').flatMap(gather).sort(chosenFirst), zoom >= 14.5 ? 8 : 20);
  if (zoom >= 10) pushAside(facilities, roadblocks, 25);

  const occupied = new Occupied();
  for (const g of roadblocks) occupied.add({ left: g.x - 15, top: g.y - 15, right: g.x + 15, bottom: g.y + 15 });
  for (const g of facilities) occupied.add({ left: g.x - 10, top: g.y - 10, right: g.x + 10, bottom: g.y + 10 });

  const wishes: LabelWish[] = [];
  const named = new Set<string>();
  for (const town of towns) {
    if (zoom < [0, 7, 8, 9.6][town.rank]!) continue;
    const p = px(project(town.at));
    if (!within(p)) continue;
    named.add(town.name);
    wishes.push({ ...p, text: lang.value === 'ht' ? town.ht : town.name, sizePx: town.rank === 1 ? 15 : 13, kind: `town rank${town.rank}`, offsetPx: 8, always: town.rank === 1 && (zoom >= 8 || town === towns[0]) });
  }
  const places = placeLabels(wishes, occupied);
  const shields = roadShields(px, within, zoom, occupied);
  const rest = placeLabels([...zoneNames(px, within, s), ...minorNames(px, within, zoom, named, facilities)], occupied);
  const labels = [...places, ...rest];
  const streetNames = zoom >= STREET_NAMES_FROM ? namesOfStreets(px, within, s, occupied) : [];
  const capital = (l: Label) => l.kind === 'town rank1';
  return { facilities, roadblocks, labels: labels.filter((l) => !capital(l)), capitals: labels.filter(capital), shields, streetNames };
});

const SHIELD_EVERY_PX = 150;

function roadShields(px: (u: XY) => XY, within: (p: XY) => boolean, zoom: number, occupied: Occupied): Label[] {
  const placed: Label[] = [];
  const place = (ref: string, positions: Position[], shares: readonly number[]) => {
    const line = positions.map(project);
    for (const share of shares) {
      const p = px(along(line, share));
      if (!within(p) || placed.some((o) => o.text === ref && Math.hypot(o.x - p.x, o.y - p.y) < SHIELD_EVERY_PX)) continue;
      placed.push(...placeLabels([{ ...p, text: ref, sizePx: 12, kind: 'shield', offsetPx: 0 }], occupied));
    }
  };
  // Near by, the number stands on the road itself where the network has it.
  if (zoom >= SCHEMATIC_FROM_ZOOM) {
    for (const street of streets.value?.features ?? []) {
      const ref = street.properties.class === 'RN' ? street.properties.ref?.split(';')[0] : null;
      if (ref) place(ref, street.geometry.coordinates, [0.5]);
    }
  }
  if (hidden.value.has('national-roads')) return placed;
  for (const road of features.value['national-roads']?.values() ?? []) {
    const ref = road.properties.ref;
    if (!ref || !road.geometry) continue;
    if (zoom >= SCHEMATIC_FROM_ZOOM && placed.some((o) => o.text === ref)) continue;
    for (const part of parts(road.geometry)) place(ref, part, [0.5, 0.25, 0.75, 0.1, 0.9]);
  }
  return placed;
}

const STREET_NAMES_FROM = 13.4;
const STREET_NAME_PX = 10.5;
const STREET_NAME_EVERY_PX = 420;

/** Names of streets, each on an edge long enough to carry it, drawn only where they cover nothing. */
function namesOfStreets(px: (u: XY) => XY, within: (p: XY) => boolean, s: number, occupied: Occupied): StreetName[] {
  const placed: StreetName[] = [];
  for (const street of streets.value?.features ?? []) {
    const text = street.properties.name;
    if (!text || street.properties.precision_m > MAX_STREET_PRECISION_M) continue;
    const line = street.geometry.coordinates.map(project);
    const width = text.length * STREET_NAME_PX * 0.56;
    const length = lineLength(line) * s;
    if (length < width * 1.15) continue;
    const p = px(along(line, 0.5));
    if (!within(p) || placed.some((o) => o.text === text && Math.hypot(o.x - p.x, o.y - p.y) < STREET_NAME_EVERY_PX)) continue;
    const half = width / 2 / length;
    const a = along(line, 0.5 - half);
    const b = along(line, 0.5 + half);
    if (Math.hypot(b.x - a.x, b.y - a.y) * s < width * 0.96) continue; // the street bends under the name
    let degrees = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
    if (degrees > 90) degrees -= 180;
    if (degrees < -90) degrees += 180;
    const h = (Math.abs(b.x - a.x) * s) / 2 + 4;
    const v = (Math.abs(b.y - a.y) * s) / 2 + 6;
    const frame = { left: p.x - h, top: p.y - v, right: p.x + h, bottom: p.y + v };
    if (!occupied.free(frame)) continue;
    occupied.add(frame);
    placed.push({ ...p, text, degrees });
  }
  return placed;
}

/** The name of a zone, where the zone is wide enough for it; "J+12" counts days since recovery. */
function zoneNames(px: (u: XY) => XY, within: (p: XY) => boolean, s: number): LabelWish[] {
  if (hidden.value.has('controlled-zones')) return [];
  const wishes: (LabelWish & { width: number })[] = [];
  for (const zone of features.value['controlled-zones']?.values() ?? []) {
    if (!zone.geometry) continue;
    const box = boxFor(zone);
    const width = (project([box.east, box.north]).x - project([box.west, box.north]).x) * s;
    const p = px(anchorFor(zone));
    let text = nameOf(zone.properties);
    if (!text || !within(p) || width < text.length * 4.2) continue;
    if (zone.properties.control_type === 'recovered' && zone.properties.valid_from) {
      const days = Math.floor((atMs.value - Date.parse(zone.properties.valid_from)) / 86_400_000);
      if (days >= 0 && days <= 120) text += ` J+${days}`;
    }
    wishes.push({ ...p, text, sizePx: 12, kind: 'zone-name', offsetPx: 0, width });
  }
  return wishes.sort((a, b) => b.width - a.width);
}

const COMMUNE_NAMES_FROM = 9.7;
const PLACE_NAMES_FROM = 11.3;
const FACILITY_NAMES_FROM = 12.4;

function minorNames(px: (u: XY) => XY, within: (p: XY) => boolean, zoom: number, named: Set<string>, facilities: SymbolGroup[]): LabelWish[] {
  const wishes: LabelWish[] = [];
  if (zoom >= FACILITY_NAMES_FROM) {
    for (const g of facilities) {
      const only = g.items[0]!;
      if (g.items.length === 1) wishes.push({ x: g.x, y: g.y, text: clip(featureTitle(only.collection, only.feature.properties)), sizePx: 12, kind: 'facility-name', offsetPx: 13 });
    }
  }
  if (zoom >= PLACE_NAMES_FROM && !hidden.value.has('places')) {
    for (const f of features.value.places?.values() ?? []) {
      const p = px(anchorFor(f));
      const text = clip(nameOf(f.properties));
      if (text && within(p) && !named.has(text.replace(/ \(.*\)$/, ''))) wishes.push({ ...p, text, sizePx: 12, kind: 'place-name', offsetPx: 6 });
    }
  }
  if (zoom >= COMMUNE_NAMES_FROM && !hidden.value.has('admin-areas')) {
    for (const f of features.value['admin-areas']?.values() ?? []) {
      if (f.properties.level === 1 || !f.geometry || !isArea(f.geometry)) continue;
      const text = nameOf(f.properties);
      const p = px(anchorFor(f));
      if (text && within(p) && !named.has(text)) wishes.push({ ...p, text: text.toLocaleUpperCase('fr'), sizePx: 11, kind: 'commune-name', offsetPx: 0 });
    }
  }
  return wishes;
}

const clip = (text: string): string => (text.length > 34 ? `${text.slice(0, 33)}…` : text);

/** A circle on the ground around a feature that is known only to some metres, radius in units. */
export const precisionUnits = (feature: Feature): number => {
  const metres = feature.properties.precision_m ?? 0;
  return metres > 0 ? metres / metresPerUnit(unproject(anchorFor(feature))[1]) : 0;
};

