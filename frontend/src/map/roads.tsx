// National roads by status, and the answer to a passage question as a black and white double rail.
import { sentence } from '../describe';
import { MAX_STREET_PRECISION_M, roadStatus, type Geometry } from '../model';
import { answer } from '../passage';
import { atMs, features, focus, hidden, recentlyChanged } from '../state';
import { Band, pathFor } from './areas';
import { pathData } from './geometry';
import { obstacleShape } from './shapes';
import { SCHEMATIC_FROM_ZOOM } from './streets';
import { roundZoom, wholeZoom } from './view';

const ROAD_BAND_MAX_PX = 34;

export function Roads({ focusable }: { focusable: boolean }) {
  if (hidden.value.has('national-roads')) return null;
  const zoom = wholeZoom.value;
  const roads = [...(features.value['national-roads']?.values() ?? [])];
  const width = Math.max(0.6, Math.min(1.25, (roundZoom.value - 5.5) / 4));
  return (
    <g class="roads" style={{ '--w': width }}>
      {roads.map((road) => {
        const d = pathFor(road, zoom);
        // Near by, a line good to kilometres beside a street good to metres would look like a second
        // road: it is drawn as what it is, a band in which the status holds.
        const precisionM = road.properties.precision_m ?? 0;
        const schematic = roundZoom.value >= SCHEMATIC_FROM_ZOOM && precisionM > MAX_STREET_PRECISION_M;
        const chosen = focus.value?.id === road.id;
        return (
          <g key={road.id} class={`road ${roadStatus(road.properties.status)} ${schematic ? 'schematic' : ''} ${chosen ? 'chosen' : ''} ${recentlyChanged.value.has(road.id) ? 'changed' : ''}`}>
            {schematic ? <Band d={d} precisionM={precisionM} maxPx={ROAD_BAND_MAX_PX} /> : <path class="casing" d={d} />}
            <path class="line" d={d} />
            <path
              class="hit" d={d} data-key={`national-roads:${road.id}`} role="button" tabindex={focusable ? 0 : -1}
              aria-label={sentence('national-roads', road.properties, atMs.value)}
            />
          </g>
        );
      })}
    </g>
  );
}

/** A roadblock reported along a stretch of road: the line under its symbol. */
export function ObstacleLines() {
  if (hidden.value.has('roadblocks')) return null;
  const zoom = wholeZoom.value;
  const stretches = [...(features.value.roadblocks?.values() ?? [])].filter((f) => f.geometry && f.geometry.type !== 'Point');
  return (
    <g class="stretches" aria-hidden="true">
      {stretches.map((f) => <path key={f.id} class={obstacleShape(f.properties.subtype)[1]} d={pathFor(f, zoom)} data-key={`roadblocks:${f.id}`} />)}
    </g>
  );
}

let drawn: { geometry: Geometry; zoom: number; d: string } | null = null;

export function RouteRails() {
  const geometry = answer.value?.geometry;
  if (!geometry) return null;
  const zoom = wholeZoom.value;
  if (drawn?.geometry !== geometry || drawn.zoom !== zoom) drawn = { geometry, zoom, d: pathData(geometry, zoom) };
  // Drawn under the roads: the black and white rails show on both sides of the road's own line,
  // whose status stays visible between them.
  return (
    <g class="rails" aria-hidden="true">
      <path class="outer" d={drawn.d} />
      <path class="white" d={drawn.d} />
    </g>
  );
}
