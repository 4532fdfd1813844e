// Web Mercator in "units": one unit is a CSS pixel at zoom 12, from an origin amid Haiti, so that
// coordinates stay below about 20,000 and single-precision SVG transforms lose no visible detail.
import type { Position } from '../model';

export const UNIT_ZOOM = 12;
const WORLD = 256 * 2 ** UNIT_ZOOM;
const ORIGIN: Position = [-72.9, 18.9];
const EARTH_CIRCUMFERENCE_M = 40_075_016.686;

const mercatorX = (lon: number) => ((lon + 180) / 360) * WORLD;
const mercatorY = (lat: number) => {
  const s = Math.sin((lat * Math.PI) / 180);
  return (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * WORLD;
};
const X0 = mercatorX(ORIGIN[0]);
const Y0 = mercatorY(ORIGIN[1]);

export interface XY { x: number; y: number }

export const project = ([lon, lat]: Position): XY => ({ x: mercatorX(lon) - X0, y: mercatorY(lat) - Y0 });

export function unproject({ x, y }: XY): Position {
  const lon = ((x + X0) / WORLD) * 360 - 180;
  const n = Math.PI * (1 - (2 * (y + Y0)) / WORLD);
  return [lon, (Math.atan(Math.sinh(n)) * 180) / Math.PI];
}

/** Ground length of one unit at a latitude, in metres. */
export const metresPerUnit = (lat: number): number =>
  (EARTH_CIRCUMFERENCE_M / WORLD) * Math.cos((lat * Math.PI) / 180);

/** CSS pixels per unit at a zoom. */
export const scaleAt = (zoom: number): number => 2 ** (zoom - UNIT_ZOOM);
export const zoomAt = (scale: number): number => UNIT_ZOOM + Math.log2(scale);
