// The street skeleton under everything that is reported: the network that passages are found on,
// so that an answer can be seen to follow roads. It arrives after the first map.
import { streets } from '../state';
import { MAX_STREET_PRECISION_M, type Street } from '../model';
import { pathData } from './geometry';
import { roundZoom, wholeZoom } from './view';

/** From the widest to the narrowest, with the zoom from which each class is drawn. */
const classes = [['RA', 12.5], ['RU', 10.5], ['RC', 10], ['RD', 9.2], ['RN', 0]] as const;
/** From here on a line that may be far from its road is no longer drawn like one. */
export const SCHEMATIC_FROM_ZOOM = 11;

const kept = new Map<string, string>();
let keptFor: readonly Street[] | null = null;

function pathOfClass(list: readonly Street[], name: string, exact: boolean, zoom: number): string {
  if (keptFor !== list) { kept.clear(); keptFor = list; }
  const key = `${name} ${exact} ${zoom}`;
  let d = kept.get(key);
  if (d === undefined) {
    d = list.filter((s) => s.properties.class === name && isExact(s) === exact).map((s) => pathData(s.geometry, zoom)).join('');
    kept.set(key, d);
  }
  return d;
}

export const isExact = (s: Street): boolean => s.properties.precision_m <= MAX_STREET_PRECISION_M;

export function Streets() {
  const list = streets.value?.features;
  if (!list?.length) return null;
  const zoom = wholeZoom.value;
  const at = roundZoom.value;
  const shown = classes.filter(([, from]) => at >= from).map(([name]) => name);
  const width = Math.max(0.5, Math.min(2.4, (at - 7) / 4));
  const exact = shown.map((name) => [name, pathOfClass(list, name, true, zoom)] as const);
  return (
    <g class={`streets ${at >= SCHEMATIC_FROM_ZOOM ? 'near' : ''}`} style={{ '--w': width }} aria-hidden="true">
      {shown.map((name) => <path key={name} class={`approximate ${name}`} d={pathOfClass(list, name, false, zoom)} />)}
      {exact.map(([name, d]) => <path key={name} class={`casing ${name}`} d={d} />)}
      {exact.map(([name, d]) => <path key={name} class={`core ${name}`} d={d} />)}
    </g>
  );
}
