// Derives coast.json, the small committed coastline of Hispaniola and its neighbours.
//
//   npm run coast
//
// Source: the npm package @geo-maps/earth-lands-1m 0.6.0 (land polygons made from
// OpenStreetMap, 2017; © OpenStreetMap contributors, ODbL 1.0). It is 37 MB, so it is
// fetched into a temporary folder by this script alone and is not a dependency.
//
// Why it is filtered: the inner rings of the package are triangles on dry land, not lakes,
// and rings of fewer than nine vertices are stray specks. Both are dropped.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = '@geo-maps/earth-lands-1m@0.6.0';
const WINDOW = [-76.4, 16.6, -68, 21.2]; // lon min, lat min, lon max, lat max
const QUANTUM_DEG = 0.0005; // about 55 m, below the offset of the source itself (median 70 m)
const MIN_VERTICES = 9;
const CONTINENT_DEG = 30; // a ring wider than this is a continent, outside the window

const folder = mkdtempSync(join(tmpdir(), 'coast-'));
try {
  const name = execFileSync('npm', ['pack', PACKAGE, '--silent', '--pack-destination', folder], { encoding: 'utf8' }).trim();
  execFileSync('tar', ['xzf', join(folder, name), '-C', folder]);
  const source = JSON.parse(readFileSync(join(folder, 'package', 'map.geo.json'), 'utf8'));
  const rings = [];
  for (const geometry of source.geometries) {
    const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
    for (const [outer] of polygons) {
      if (outer.length < MIN_VERTICES || !nearWindow(outer)) continue;
      const ring = quantise(clip(outer));
      if (ring.length >= MIN_VERTICES) rings.push(ring);
    }
  }
  rings.sort((a, b) => b.length - a.length);
  const out = fileURLToPath(new URL('./coast.json', import.meta.url));
  writeFileSync(out, JSON.stringify({
    notice: '© OpenStreetMap contributors, ODbL 1.0',
    source: PACKAGE,
    quantum_deg: QUANTUM_DEG,
    origin: [WINDOW[0], WINDOW[1]],
    // Each ring is x, y, dx, dy, dx, dy … in quanta from the origin; it closes on its start.
    rings: rings.map(deltas),
  }) + '\n');
  console.log(`${rings.length} rings, ${rings.reduce((n, r) => n + r.length, 0)} vertices → ${out}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function nearWindow(ring) {
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const [lon, lat] of ring) {
    west = Math.min(west, lon); east = Math.max(east, lon);
    south = Math.min(south, lat); north = Math.max(north, lat);
  }
  return east - west < CONTINENT_DEG && east > WINDOW[0] && west < WINDOW[2] && north > WINDOW[1] && south < WINDOW[3];
}

// Sutherland and Hodgman, 1974: one pass for each side of the window.
function clip(ring) {
  const [west, south, east, north] = WINDOW;
  const sides = [
    [([x]) => x >= west, (a, b) => at(a, b, 0, west)],
    [([x]) => x <= east, (a, b) => at(a, b, 0, east)],
    [([, y]) => y >= south, (a, b) => at(a, b, 1, south)],
    [([, y]) => y <= north, (a, b) => at(a, b, 1, north)],
  ];
  return sides.reduce((points, [inside, cross]) => points.flatMap((point, i) => {
    const previous = points[(i + points.length - 1) % points.length];
    const entering = inside(point) !== inside(previous) ? [cross(previous, point)] : [];
    return inside(point) ? [...entering, point] : entering;
  }), ring.slice(0, -1));
}

function at(a, b, axis, value) {
  const f = (value - a[axis]) / (b[axis] - a[axis]);
  return [a[0] + f * (b[0] - a[0]), a[1] + f * (b[1] - a[1])];
}

function quantise(ring) {
  const out = [];
  for (const [lon, lat] of ring) {
    const x = Math.round((lon - WINDOW[0]) / QUANTUM_DEG);
    const y = Math.round((lat - WINDOW[1]) / QUANTUM_DEG);
    const last = out.at(-1);
    if (!last || last[0] !== x || last[1] !== y) out.push([x, y]);
  }
  return out;
}

function deltas(ring) {
  return ring.flatMap(([x, y], i) => (i === 0 ? [x, y] : [x - ring[i - 1][0], y - ring[i - 1][1]]));
}
