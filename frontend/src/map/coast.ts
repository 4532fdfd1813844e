// The bundled coastline as one path in units, made once.
import coast from '../../coast/coast.json';
import type { Position } from '../model';
import { pathOf } from './geometry';
import { project } from './projection';

export function coastRings(): Position[][] {
  const [west, south] = coast.origin as [number, number];
  return coast.rings.map((deltas) => {
    const ring: Position[] = [];
    let x = 0;
    let y = 0;
    for (let i = 0; i + 1 < deltas.length; i += 2) {
      x += deltas[i]!;
      y += deltas[i + 1]!;
      ring.push([west + x * coast.quantum_deg, south + y * coast.quantum_deg]);
    }
    return ring;
  });
}

export const coastPath: string = coastRings().map((ring) => pathOf(ring.map(project), 1, true)).join('');
export const coastNotice: string = coast.notice;
