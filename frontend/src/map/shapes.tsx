// The symbols: an obstacle's shape says what it is, its fill its state, its ring how fresh it is.
// A facility is a square with a glyph and a corner for how it works.
import { RING_PARTS } from '../confidence';
import type { Collection, Properties } from '../model';

export type ObstacleShape = 'octagon' | 'toll' | 'triangle' | 'gate' | 'shield' | 'chevrons' | 'wave' | 'bridge' | 'other';
export type ObstacleFamily = 'armed' | 'police' | 'community' | 'physical';
export type ObstacleFill = 'full' | 'half' | 'hollow' | 'cleared';

const shapes: Record<string, [ObstacleShape, ObstacleFamily]> = {
  toll_post: ['toll', 'armed'], barricade_manned: ['octagon', 'armed'], barricade_unmanned: ['octagon', 'armed'],
  burning_barricade: ['octagon', 'armed'], fixed_barrier: ['octagon', 'armed'], trench_ditch: ['chevrons', 'armed'],
  community_gate: ['gate', 'community'], police_checkpoint: ['shield', 'police'], police_closure: ['shield', 'police'],
  protest_block: ['octagon', 'community'], debris_waste: ['octagon', 'physical'], flood: ['wave', 'physical'],
  landslide: ['chevrons', 'physical'], bridge_out: ['bridge', 'physical'], road_damage: ['chevrons', 'physical'],
  ambush_stretch: ['triangle', 'armed'], mine_uxo: ['triangle', 'armed'], other: ['other', 'armed'],
};
export const obstacleShape = (subtype: string | null | undefined): [ObstacleShape, ObstacleFamily] =>
  shapes[subtype ?? 'other'] ?? ['other', 'armed'];

export function obstacleFill(p: Properties, stale: boolean): ObstacleFill {
  if (p.state === 'cleared' || p.state === 'archived' || p.state === 'false') return 'cleared';
  if (stale) return 'hollow';
  return p.state === 'intermittent' ? 'half' : 'full';
}

const R = 9.5; // radius of a symbol in pixels
const RING = 12.6;

const outline: Record<ObstacleShape, string> = {
  octagon: polygon(8, R, Math.PI / 8),
  toll: circle(R), other: circle(R), wave: circle(R), bridge: circle(R), chevrons: circle(R),
  triangle: 'M0-10.5 10 7.5H-10Z',
  gate: 'M-8.5-8.5H8.5V8.5H-8.5Z',
  shield: 'M0-10 8.5-7V0C8.5 5 5 8.5 0 10.5-5 8.5-8.5 5-8.5 0V-7Z',
};

function polygon(n: number, r: number, turn: number): string {
  const points = Array.from({ length: n }, (_, i) => {
    const a = turn + (i * 2 * Math.PI) / n;
    return `${(r * Math.cos(a)).toFixed(2)} ${(r * Math.sin(a)).toFixed(2)}`;
  });
  return `M${points.join('L')}Z`;
}
function circle(r: number): string {
  return `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`;
}

function Mark({ shape }: { shape: ObstacleShape }) {
  switch (shape) {
    case 'octagon': return <path class="mark line" d="M-3.8-3.8 3.8 3.8M3.8-3.8-3.8 3.8" />;
    case 'gate': return <path class="mark line" d="M-4.6 4.5V-4H4.6V4.5M0-4V4.5" />;
    case 'chevrons': return <path class="mark line" d="M-5-.8 0-4.6 5-.8M-5 4.2 0 .4 5 4.2" />;
    case 'wave': return <path class="mark line" d="M-6-2C-4-4.6-2-4.6 0-2S4 .6 6-2M-6 3C-4 .4-2 .4 0 3S4 5.6 6 3" />;
    case 'bridge': return <path class="mark line" d="M-6.5 1H-2M2 1H6.5M-4.5 1V4.5M4.5 1V4.5M-2.5-4.5 2.5 5" />;
    default: {
      const letter = { toll: 'G', triangle: '!', shield: 'P', other: '?' }[shape];
      return <text class="mark" y={shape === 'triangle' ? 6 : 4.2}>{letter}</text>;
    }
  }
}

/** The ring runs out clockwise: the eighths that are left are dark, those spent are pale. */
export function Ring({ eighths }: { eighths: number }) {
  const step = 100 / RING_PARTS;
  const dashes = Array.from({ length: RING_PARTS }, (_, i) => i).filter((i) => i >= RING_PARTS - eighths);
  return (
    <g class="ring" transform="rotate(-90)">
      <circle class="spent" r={RING} pathLength={100} stroke-dasharray={`${step - 2} 2`} />
      {dashes.map((i) => (
        <circle key={i} class="left" r={RING} pathLength={100} stroke-dasharray={`${step - 2} ${100 - step + 2}`} stroke-dashoffset={-i * step} />
      ))}
    </g>
  );
}

export function Obstacle({ subtype, fill, eighths, disputed }: { subtype: string; fill: ObstacleFill; eighths: number | null; disputed?: boolean }) {
  const [shape, family] = obstacleShape(subtype);
  const d = outline[shape];
  return (
    <g class={`obstacle ${family} ${fill}`}>
      <circle class="plate" r={RING + 1.6} />
      {eighths != null && <Ring eighths={eighths} />}
      <path class="body" d={d} />
      {fill === 'half' && <path class="top" d={d} clip-path="url(#clip-upper)" />}
      {fill === 'cleared' ? <path class="mark line" d="M-4.5.2-1.2 3.6 4.8-3.6" /> : <Mark shape={shape} />}
      {disputed && <g transform="translate(10 -10)"><circle class="badge" r="6" /><text class="badge-text" y="3.4">?</text></g>}
    </g>
  );
}

const glyphs: Record<string, string> = {
  hospital: 'M-1.6-5.5H1.6V-1.6H5.5V1.6H1.6V5.5H-1.6V1.6H-5.5V-1.6H-1.6Z',
  airport: 'M0-6.2C.8-6.2 1-5 1-4V-1.6L6 1.6V3.2L1 1.6V4L2.6 5.2V6.3L0 5.6-2.6 6.3V5.2L-1 4V1.6L-6 3.2V1.6L-1-1.6V-4C-1-5-.8-6.2 0-6.2Z',
  port: 'M-.9-2.6H-3V-1H-.9V4.2C-2.8 3.9-4 2.7-4.4 1.2L-5.9 1.7C-5.2 4.4-2.8 6 0 6S5.2 4.4 5.9 1.7L4.4 1.2C4 2.7 2.8 3.9.9 4.2V-1H3V-2.6H.9V-2.9A1.9 1.9 0 1 0-.9-2.9Z',
  prison: 'M-5.5-5.5H5.5V-4.1H4.3V4.1H5.5V5.5H-5.5V4.1H-4.3V-4.1H-5.5ZM-2.9-4.1V4.1H-1.6V-4.1ZM-.6-4.1V4.1H.7V-4.1ZM1.7-4.1V4.1H3V-4.1Z',
  border: 'M-6-2.8H2V-5L6-1.9 2 1.2V-.9H-6ZM6 2.8V4.7H-2V6.2L-6 3.6-2 .9V2.8Z',
  court: 'M0-6 6-3V-1.8H-6V-3ZM-4.6-.9H-3V3.6H-4.6ZM-.8-.9H.8V3.6H-.8ZM3-.9H4.6V3.6H3ZM-6 4.3H6V5.8H-6Z',
  school: 'M0-5.4 6.4-2.2 0 1-6.4-2.2ZM-3.8.4 0 2.4 3.8.4V3.6C2.6 4.7 1.4 5.2 0 5.2S-2.6 4.7-3.8 3.6Z',
  fuel: 'M0-6C2.6-2.6 4.2-.2 4.2 2A4.2 4.2 0 1 1-4.2 2C-4.2-.2-2.6-2.6 0-6Z',
  police: 'M0-6 5.2-4.2V.2C5.2 3.2 3 5.2 0 6.4-3 5.2-5.2 3.2-5.2.2V-4.2Z',
  other: 'M-3.4-3.4H3.4V3.4H-3.4Z',
  incident: 'M0-6.2 1.7-1.9 6.2-1.9 2.6 1 3.9 5.6 0 2.9-3.9 5.6-2.6 1-6.2-1.9-1.7-1.9Z',
};

export function facilityGlyph(collection: Collection, type: string | null | undefined): keyof typeof glyphs {
  if (collection === 'police-facilities') return 'police';
  if (collection === 'airports') return 'airport';
  if (collection === 'incidents') return 'incident';
  const kind = type ?? '';
  if (/fuel/.test(kind)) return 'fuel';
  if (collection === 'ports') return 'port';
  if (/hospital|health/.test(kind)) return 'hospital';
  if (/court/.test(kind)) return 'court';
  if (/border|customs/.test(kind)) return 'border';
  if (/air|heli/.test(kind)) return 'airport';
  return kind in glyphs ? kind : 'other';
}

const S = 8.5; // half side of a facility square

export function FacilitySquare({ collection, type, functional }: { collection: Collection; type?: string | null; functional?: string | null }) {
  const state = functional === 'full' || functional === 'partial' || functional === 'none' ? functional : 'unknown';
  return (
    <g class={`facility ${collection} ${state}`}>
      <rect class="box" x={-S} y={-S} width={2 * S} height={2 * S} rx="3" />
      <path class="glyph" d={glyphs[facilityGlyph(collection, type)] ?? ''} transform="scale(.92)" />
      {state === 'full' && <circle class="corner full" cx={S - 0.5} cy={-S + 0.5} r="3.4" />}
      {state === 'partial' && (
        <g transform={`translate(${S - 0.5} ${-S + 0.5})`}>
          <circle class="corner empty" r="3.4" />
          <path class="corner full" d="M0-3.4A3.4 3.4 0 0 0 0 3.4Z" />
        </g>
      )}
      {state === 'none' && (
        <g transform={`translate(${S - 0.5} ${-S + 0.5})`}>
          <circle class="corner cross" r="4.4" />
          <path class="cross-line" d="M-1.9-1.9 1.9 1.9M1.9-1.9-1.9 1.9" />
        </g>
      )}
    </g>
  );
}
