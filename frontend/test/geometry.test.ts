import { describe, expect, it } from 'vitest';
import { along, anchorOf, boxOf, inside, pathData, simplify } from '../src/map/geometry';
import { metresPerUnit, project, scaleAt, unproject, zoomAt, type XY } from '../src/map/projection';
import { coastRings } from '../src/map/coast';
import type { Position } from '../src/model';

// A small generator of its own, so that a failure can be repeated.
function* numbers(seed: number): Generator<number> {
  for (let x = seed; ;) { x = (x * 1664525 + 1013904223) % 4294967296; yield x / 4294967296; }
}

function toSegment(p: XY, a: XY, b: XY): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const f = Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(p.x - a.x - f * dx, p.y - a.y - f * dy);
}

describe('projection', () => {
  it('goes there and back within a centimetre', () => {
    const n = numbers(7);
    for (let i = 0; i < 500; i++) {
      const p: Position = [-76 + 8 * n.next().value, 16 + 6 * n.next().value];
      const back = unproject(project(p));
      expect(Math.abs(back[0] - p[0])).toBeLessThan(1e-7);
      expect(Math.abs(back[1] - p[1])).toBeLessThan(1e-7);
    }
  });
  it('has north up and east to the right, in small numbers', () => {
    const west = project([-74.4, 18.0]);
    const east = project([-71.6, 20.1]);
    expect(east.x).toBeGreaterThan(west.x);
    expect(east.y).toBeLessThan(west.y);
    expect(Math.max(...[west, east].flatMap((p) => [Math.abs(p.x), Math.abs(p.y)]))).toBeLessThan(20_000);
  });
  it('knows the ground: a degree of longitude at the equator', () => {
    const units = project([1, 0]).x - project([0, 0]).x;
    expect(units * metresPerUnit(0)).toBeCloseTo(111_319.49, 1);
  });
  it('turns zoom into scale and back', () => expect(zoomAt(scaleAt(9.3))).toBeCloseTo(9.3, 12));
});

describe('simplification', () => {
  it('keeps ends and corners, drops what lies on the line', () => {
    const line = [0, 1, 2, 3, 4].map((x) => ({ x, y: 0 })).concat([{ x: 4, y: 4 }]);
    expect(simplify(line, 0.1)).toEqual([{ x: 0, y: 0 }, { x: 4, y: 0 }, { x: 4, y: 4 }]);
  });
  it('never moves a vertex farther than the tolerance from the kept line', () => {
    const n = numbers(3);
    for (let round = 0; round < 40; round++) {
      const line: XY[] = Array.from({ length: 60 }, (_, i) => ({ x: i, y: 10 * n.next().value }));
      const kept = simplify(line, 2);
      for (const p of line) {
        const distance = Math.min(...kept.slice(1).map((b, i) => toSegment(p, kept[i]!, b)));
        expect(distance).toBeLessThanOrEqual(2 + 1e-9);
      }
    }
  });
  it('keeps a small island when the map is small', () => {
    const ring: Position[] = [[-72, 18], [-71.9999, 18], [-71.9999, 18.0001], [-72, 18.0001], [-72, 18]];
    expect(pathData({ type: 'Polygon', coordinates: [ring] }, 7).match(/L/g)?.length).toBe(4);
  });
});

describe('anchors', () => {
  it('of a crescent lie inside it', () => {
    const ring: Position[] = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 3], [3, 3], [3, 1], [0, 1], [0, 0]];
    const a = anchorOf({ type: 'Polygon', coordinates: [ring] });
    expect(inside(a, ring.map(project))).toBe(true);
  });
  it('of a multipolygon are in the largest part', () => {
    const square = (x: number, s: number): Position[] => [[x, 0], [x + s, 0], [x + s, s], [x, s], [x, 0]];
    const [lon] = unproject(anchorOf({ type: 'MultiPolygon', coordinates: [[square(0, 1)], [square(10, 3)]] }));
    expect(lon).toBeGreaterThan(10);
  });
  it('run along a line', () => {
    const line = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }];
    expect(along(line, 0.25)).toEqual({ x: 5, y: 0 });
    expect(along(line, 0.75)).toEqual({ x: 10, y: 5 });
    expect(along(line, 9)).toEqual({ x: 10, y: 10 });
  });
});

describe('the bundled coast', () => {
  const rings = coastRings();
  it('has Hispaniola and its islands, and closed deltas that stay in the window', () => {
    expect(rings.length).toBeGreaterThan(8);
    const box = boxOf(rings.flat());
    expect(box.west).toBeGreaterThanOrEqual(-76.4 - 1e-9);
    expect(box.north).toBeLessThanOrEqual(21.2 + 1e-9);
  });
  it('puts Port-au-Prince ashore and the gulf at sea', () => {
    const onLand = (p: Position) => rings.some((r) => inside(project(p), r.map(project)));
    expect(onLand([-72.32, 18.53])).toBe(true);
    expect(onLand([-72.25, 19.6])).toBe(true);
    expect(onLand([-72.9, 19.1])).toBe(false);
    expect(onLand([-72.9, 18.85])).toBe(true); // La Gonâve
  });
});
