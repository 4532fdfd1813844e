// Ground that a panel points at, such as what changed hands: an outline over everything, with a
// halo so that it is seen on any colour.
import { pointedAt } from '../state';
import { pathData } from './geometry';
import { wholeZoom } from './view';

export function PointedGround() {
  const geometry = pointedAt.value;
  if (!geometry || geometry.type === 'Point' || geometry.type === 'MultiPoint') return null;
  const d = pathData(geometry, wholeZoom.value);
  return <g class="pointed-ground" aria-hidden="true"><path class="under" d={d} /><path class="over" d={d} /></g>;
}
