// Paths for the map: projection, simplification and the few measures that drawing needs.
import type { Geometry, Position } from '../model';
import { project, scaleAt, type XY } from './projection';

export interface Box { west: number; south: number; east: number; north: number }

/** All lines or rings of a geometry; a point is a line of one position. */
export function parts(g: Geometry): Position[][] {
  switch (g.type) {
    case 'Point': return [[g.coordinates]];
    case 'MultiPoint': return g.coordinates.map((p) => [p]);
    case 'LineString': return [g.coordinates];
    case 'MultiLineString': return g.coordinates;
    case 'Polygon': return g.coordinates;
    case 'MultiPolygon': return g.coordinates.flat();
  }
}

export const isArea = (g: Geometry): boolean => g.type === 'Polygon' || g.type === 'MultiPolygon';

export function boxOf(positions: Position[]): Box {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const [lon, lat] of positions) {
    if (lon < box.west) box.west = lon;
    if (lon > box.east) box.east = lon;
    if (lat < box.south) box.south = lat;
    if (lat > box.north) box.north = lat;
  }
  return box;
}

export const overlaps = (a: Box, b: Box): boolean =>
  a.west <= b.east && b.west <= a.east && a.south <= b.north && b.south <= a.north;

/** Douglas and Peucker, 1973, without recursion: keeps every vertex farther than the tolerance. */
export function simplify(points: XY[], tolerance: number): XY[] {
  if (points.length < 3) return points;
  const keep = new Uint8Array(points.length);
  const last = points.length - 1;
  keep[0] = keep[last] = 1;
  const stack: [number, number][] = [[0, last]];
  const limit = tolerance * tolerance;
  for (let span = stack.pop(); span; span = stack.pop()) {
    const [from, to] = span;
    let worst = limit;
    let index = -1;
    for (let i = from + 1; i < to; i++) {
      const d = squaredDistance(points[i]!, points[from]!, points[to]!);
      if (d > worst) { worst = d; index = i; }
    }
    if (index < 0) continue;
    keep[index] = 1;
    stack.push([from, index], [index, to]);
  }
  return points.filter((_, i) => keep[i]);
}

/** Squared distance from p to the segment a–b. */
function squaredDistance(p: XY, a: XY, b: XY): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length2 = dx * dx + dy * dy;
  const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2));
  const ex = p.x - a.x - t * dx;
  const ey = p.y - a.y - t * dy;
  return ex * ex + ey * ey;
}

const SIMPLIFY_PX = 0.6;

/** SVG path data in units, simplified for a whole zoom level. */
export function pathData(g: Geometry, zoom: number): string {
  const closed = isArea(g);
  const tolerance = SIMPLIFY_PX / scaleAt(Math.ceil(zoom));
  const digits = zoom >= 12 ? 2 : 1;
  let d = '';
  for (const part of parts(g)) {
    const points = part.map(project);
    let kept = simplify(points, tolerance);
    if (closed && kept.length < 4) kept = points;
    d += pathOf(kept, digits, closed);
  }
  return d;
}

export function pathOf(points: XY[], digits: number, closed: boolean): string {
  if (points.length === 0) return '';
  return `M${points.map((p) => `${p.x.toFixed(digits)} ${p.y.toFixed(digits)}`).join('L')}${closed ? 'Z' : ''}`;
}

/** Twice the signed area of a ring, in square units. */
function signedArea2(ring: XY[]): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    sum += ring[j]!.x * ring[i]!.y - ring[i]!.x * ring[j]!.y;
  }
  return sum;
}

export function areaOf(g: Geometry): number {
  return parts(g).reduce((sum, ring) => sum + Math.abs(signedArea2(ring.map(project))) / 2, 0);
}

/** Where to put a name: inside the largest ring, midway along a line, or on the point. */
export function anchorOf(g: Geometry): XY {
  const all = parts(g).map((part) => part.map(project));
  if (!isArea(g)) {
    const line = all.reduce((a, b) => (b.length > a.length ? b : a), all[0] ?? []);
    return along(line, 0.5);
  }
  const ring = all.reduce((a, b) => (Math.abs(signedArea2(b)) > Math.abs(signedArea2(a)) ? b : a), all[0] ?? []);
  const centre = centroid(ring);
  if (inside(centre, ring)) return centre;
  // A crescent: take the middle of the widest crossing at the height of the centroid.
  const crossings: number[] = [];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[i]!;
    const b = ring[j]!;
    if (a.y > centre.y !== b.y > centre.y) crossings.push(a.x + ((centre.y - a.y) / (b.y - a.y)) * (b.x - a.x));
  }
  crossings.sort((a, b) => a - b);
  let best = centre;
  let width = 0;
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    const w = crossings[i + 1]! - crossings[i]!;
    if (w > width) { width = w; best = { x: (crossings[i]! + crossings[i + 1]!) / 2, y: centre.y }; }
  }
  return best;
}

function centroid(ring: XY[]): XY {
  const a2 = signedArea2(ring);
  if (Math.abs(a2) < 1e-9) return ring[0] ?? { x: 0, y: 0 };
  let x = 0;
  let y = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const f = ring[j]!.x * ring[i]!.y - ring[i]!.x * ring[j]!.y;
    x += (ring[j]!.x + ring[i]!.x) * f;
    y += (ring[j]!.y + ring[i]!.y) * f;
  }
  return { x: x / (3 * a2), y: y / (3 * a2) };
}

export function inside(p: XY, ring: XY[]): boolean {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[i]!;
    const b = ring[j]!;
    if (a.y > p.y !== b.y > p.y && p.x < ((b.x - a.x) * (p.y - a.y)) / (b.y - a.y) + a.x) odd = !odd;
  }
  return odd;
}

export function lineLength(line: XY[]): number {
  let sum = 0;
  for (let i = 1; i < line.length; i++) sum += Math.hypot(line[i]!.x - line[i - 1]!.x, line[i]!.y - line[i - 1]!.y);
  return sum;
}

/** The point at a share (0 to 1) of a line's length. */
export function along(line: XY[], share: number): XY {
  let left = lineLength(line) * Math.max(0, Math.min(1, share));
  for (let i = 1; i < line.length; i++) {
    const a = line[i - 1]!;
    const b = line[i]!;
    const step = Math.hypot(b.x - a.x, b.y - a.y);
    if (step >= left && step > 0) {
      const f = left / step;
      return { x: a.x + f * (b.x - a.x), y: a.y + f * (b.y - a.y) };
    }
    left -= step;
  }
  return line.at(-1) ?? { x: 0, y: 0 };
}
