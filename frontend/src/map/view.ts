// Where the map looks: a centre in units and a zoom, with the moves that change them.
import { computed, signal } from '@preact/signals';
import type { Position } from '../model';
import type { Box } from './geometry';
import { project, scaleAt, unproject, zoomAt, type XY } from './projection';

export interface View { x: number; y: number; zoom: number }

export const MIN_ZOOM = 6.8;
export const MAX_ZOOM = 17;
export const HAITI: Box = { west: -74.52, south: 18.0, east: -71.6, north: 20.1 };
/** The centre of the view stays within these bounds, so that the country is never lost. */
const REACH: Box = { west: -75.3, south: 17.4, east: -70.6, north: 20.7 };

const low = project([REACH.west, REACH.south]);
const high = project([REACH.east, REACH.north]);

export const size = signal({ width: 0, height: 0 });
/** Part of the map hidden under the sheet of a phone, in pixels. */
export const coveredPx = signal(0);
/** Part of the map hidden under the card of a wide screen, in pixels from the right. */
export const coveredRightPx = signal(0);
export const view = signal<View>({ x: 0, y: 0, zoom: 8 });

export const scale = computed(() => scaleAt(view.value.zoom));
/** The tenth of a zoom level that line widths and decluttering follow. */
export const roundZoom = computed(() => Math.round(view.value.zoom * 10) / 10);
export const wholeZoom = computed(() => Math.ceil(view.value.zoom));

export const worldTransform = computed(() => {
  const s = scale.value;
  const { x, y } = view.value;
  return `translate(${(size.value.width / 2 - x * s).toFixed(2)} ${(size.value.height / 2 - y * s).toFixed(2)}) scale(${s})`;
});
/** For things drawn in pixels at the present zoom, before the pan. */
export const panTransform = computed(() => {
  const s = scale.value;
  const { x, y } = view.value;
  return `translate(${(size.value.width / 2 - x * s).toFixed(2)} ${(size.value.height / 2 - y * s).toFixed(2)})`;
});

export const bounds = computed<Box>(() => {
  const a = toUnits({ x: 0, y: size.value.height });
  const b = toUnits({ x: size.value.width, y: 0 });
  const [west, south] = unproject(a);
  const [east, north] = unproject(b);
  return { west, south, east, north };
});

export function toUnits(screen: XY): XY {
  const s = scale.value;
  return {
    x: view.value.x + (screen.x - size.value.width / 2) / s,
    y: view.value.y + (screen.y - size.value.height / 2) / s,
  };
}
export const toPosition = (screen: XY): Position => unproject(toUnits(screen));
export const toScreen = (units: XY): XY => ({
  x: (units.x - view.value.x) * scale.value + size.value.width / 2,
  y: (units.y - view.value.y) * scale.value + size.value.height / 2,
});

const clamp = (v: number, a: number, b: number) => Math.max(a, Math.min(b, v));

export function setView(next: View): void {
  view.value = {
    x: clamp(next.x, low.x, high.x),
    y: clamp(next.y, high.y, low.y),
    zoom: clamp(next.zoom, MIN_ZOOM, MAX_ZOOM),
  };
}

export function panBy(dx: number, dy: number): void {
  const s = scale.value;
  setView({ ...view.value, x: view.value.x - dx / s, y: view.value.y - dy / s });
}

/** Zooms so that the thing under a screen point stays under it. */
export function zoomAround(screen: XY, zoom: number): void {
  const fixed = toUnits(screen);
  const z = clamp(zoom, MIN_ZOOM, MAX_ZOOM);
  const s = scaleAt(z);
  setView({
    x: fixed.x - (screen.x - size.value.width / 2) / s,
    y: fixed.y - (screen.y - size.value.height / 2) / s,
    zoom: z,
  });
}

export const centre = (): XY => ({ x: size.value.width / 2, y: (size.value.height - coveredPx.value) / 2 });

let frame = 0;
const still = () => typeof matchMedia !== 'function' || matchMedia('(prefers-reduced-motion: reduce)').matches;

export function stop(): void {
  cancelAnimationFrame(frame);
  frame = 0;
}

/** Moves there in a fifth of a second, or at once where motion is not wanted. */
export function flyTo(target: View): void {
  stop();
  if (still()) { setView(target); return; }
  const from = view.value;
  const start = performance.now();
  const step = (now: number) => {
    const f = Math.min(1, (now - start) / 220);
    const e = 1 - (1 - f) ** 3;
    setView({ x: from.x + (target.x - from.x) * e, y: from.y + (target.y - from.y) * e, zoom: from.zoom + (target.zoom - from.zoom) * e });
    frame = f < 1 ? requestAnimationFrame(step) : 0;
  };
  frame = requestAnimationFrame(step);
}

export function flyZoom(by: number, around: XY = centre()): void {
  const before = view.value;
  zoomAround(around, before.zoom + by);
  const target = view.value;
  if (still()) return;
  view.value = before;
  flyTo(target);
}

/** The view that shows a box, above the part that the sheet covers. */
export function fitting(box: Box, paddingPx = 40, maxZoom = 14): View {
  const a = project([box.west, box.north]);
  const b = project([box.east, box.south]);
  const width = Math.max(60, size.value.width - coveredRightPx.value - 2 * paddingPx);
  const height = Math.max(60, size.value.height - coveredPx.value - 2 * paddingPx);
  const zoom = clamp(zoomAt(Math.min(width / Math.max(b.x - a.x, 1e-6), height / Math.max(b.y - a.y, 1e-6))), MIN_ZOOM, maxZoom);
  const s = scaleAt(zoom);
  return { x: (a.x + b.x) / 2 + coveredRightPx.value / 2 / s, y: (a.y + b.y) / 2 + coveredPx.value / 2 / s, zoom };
}
export const fit = (box: Box, paddingPx?: number, maxZoom?: number): void => flyTo(fitting(box, paddingPx, maxZoom));
