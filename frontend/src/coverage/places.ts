// Areas that one may ask about, by name; and the way from an area to its ground on the map.
import { computed, signal } from '@preact/signals';
import { nameOf } from '../describe';
import { boxFor } from '../map/scene';
import { HAITI, fit } from '../map/view';
import type { Box } from '../map/geometry';
import type { Feature } from '../model';
import { features, sheet } from '../state';
import { c, hasKey } from './words';

export const COUNTRY = 'HT';
export const namedAreas = ['ZMPP-urban', 'ZMPP-admin', 'lower-artibonite'] as const;
const DEPARTMENT = 4; // letters of a department's p-code, which its communes' begin with
const MAX_ZOOM = 12.5;

/** The area looked at. It stays while other panels are open. */
export const area = signal<string>('ZMPP-admin');

const outlines = computed(() => {
  const byCode = new Map<string, Feature>();
  for (const f of features.value['admin-areas']?.values() ?? []) if (f.properties.pcode) byCode.set(f.properties.pcode, f);
  return byCode;
});

export function placeName(id: string | null | undefined): string {
  if (!id) return '';
  if (id === COUNTRY) return c('country');
  if (hasKey(`area.${id}`)) return c(`area.${id}` as Parameters<typeof c>[0]);
  const f = outlines.value.get(id);
  return (f && nameOf(f.properties)) || id;
}

export interface AreaGroup { title: string; ids: string[] }

/** Everything to choose from: the country and the regions, the departments, then the communes of each. */
export const areaGroups = computed<AreaGroup[]>(() => {
  const byName = (a: string, b: string) => placeName(a).localeCompare(placeName(b), 'fr');
  const level = (n: number) => [...outlines.value].filter(([, f]) => f.properties.level === n).map(([id]) => id).sort(byName);
  const departments = level(1);
  const communes = level(2);
  return [
    { title: c('regions'), ids: [COUNTRY, ...namedAreas] },
    { title: c('departments'), ids: departments },
    ...departments.map((d) => ({ title: c('communesOf', { name: placeName(d) }), ids: communes.filter((x) => x.startsWith(d) && x.length > DEPARTMENT) })),
  ].filter((g) => g.ids.length > 0);
});

const metropolitan = ['HT0111', 'HT0112', 'HT0113', 'HT0114', 'HT0115', 'HT0116', 'HT0117', 'HT0118'];
const members: Record<string, string[]> = {
  'ZMPP-urban': metropolitan, 'ZMPP-admin': metropolitan,
  'lower-artibonite': ['HT0513', 'HT0531', 'HT0532', 'HT0533', 'HT0541', 'HT0542', 'HT0543', 'HT0544'],
};

export function around(boxes: readonly Box[]): Box | null {
  if (boxes.length === 0) return null;
  return boxes.reduce((a, b) => ({ west: Math.min(a.west, b.west), south: Math.min(a.south, b.south), east: Math.max(a.east, b.east), north: Math.max(a.north, b.north) }));
}

export function showArea(id: string, of: readonly string[] = members[id] ?? [id]): void {
  showBox(id === COUNTRY ? HAITI : around([...new Set(of)].flatMap((x) => outlines.value.get(x) ?? []).map(boxFor)));
}

export function showBox(box: Box | null): void {
  if (!box) return;
  if (sheet.value === 'full') sheet.value = 'half'; // else the sheet of a phone hides what is shown
  fit(box, 40, Math.max(MAX_ZOOM, 0));
}
