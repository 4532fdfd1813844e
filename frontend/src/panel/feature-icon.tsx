// The small picture of a feature in a list or on a card: the same drawing as on the map.
import { eighthsLeft, isStale, patternAt } from '../confidence';
import { FacilitySquare, Obstacle, obstacleFill } from '../map/shapes';
import { controlType, roadStatus, type Collection, type Properties } from '../model';
import { atMs } from '../state';
import { ZoneKey } from './legend';

export function FeatureIcon({ collection, p }: { collection: Collection; p: Properties }) {
  return <svg class="key" viewBox="-16 -12 32 24" aria-hidden="true"><Body collection={collection} p={p} /></svg>;
}

function Body({ collection, p }: { collection: Collection; p: Properties }) {
  const at = atMs.value;
  switch (collection) {
    case 'controlled-zones': {
      const pattern = patternAt(p, at);
      const control = controlType(p.control_type);
      const claimed = p.claim_level === 'claimed';
      const overlay = claimed ? null : control === 'unknown' ? 'unknown' : pattern === 'high' ? null : pattern;
      return <ZoneKey classes={`control-${control} ${pattern} ${claimed ? 'claimed' : ''}`} overlay={overlay} claimed={claimed} />;
    }
    case 'roadblocks':
      return <g transform="scale(.8)"><Obstacle subtype={p.subtype ?? 'other'} fill={obstacleFill(p, isStale(p, at))} eighths={eighthsLeft(p, at)} disputed={p.state === 'disputed'} /></g>;
    case 'national-roads':
      return <g class={`road ${roadStatus(p.status)}`}><path class="casing" d="M-15 0H15" /><path class="line" d="M-15 0H15" /></g>;
    case 'places': return <circle class="place-dot" r="4" />;
    case 'admin-areas': return <path class="key-line" d="M-13-6 2-8 13 0 6 8-12 6Z" />;
    default: return <FacilitySquare collection={collection} type={p.facility_type} functional={p.functional ?? null} />;
  }
}
