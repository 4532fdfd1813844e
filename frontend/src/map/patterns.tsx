// Patterns of confidence. They lie over the plain hue, keep their size in pixels while the map
// is zoomed, and are named in the legend with the same ids.
import { computed } from '@preact/signals';
import { scale } from './view';

const ids = ['medium', 'low', 'stale', 'unknown'] as const;
export type PatternId = (typeof ids)[number];

const upright = computed(() => `scale(${1 / scale.value})`);
const slanted = computed(() => `scale(${1 / scale.value}) rotate(45)`);

function Content({ id }: { id: PatternId }) {
  switch (id) {
    case 'medium': return <path class="hatch" d="M0 1.25H9" stroke-width="2.5" />;
    case 'low': return <path class="dots" d="M1 1H4.4V4.4H1Z" />;
    case 'stale': return <path class="hatch" d="M0 1.1H11M1.1 0V11" stroke-width="2.2" />;
    case 'unknown': return <path class="grid" d="M0 .6H12M.6 0V12" stroke-width="1.2" />;
  }
}
const tile: Record<PatternId, number> = { medium: 9, low: 7, stale: 11, unknown: 12 };

/** On the map the patterns undo the zoom; in the legend (prefix "key") they are drawn as they are. */
export function Patterns({ prefix }: { prefix: 'map' | 'key' }) {
  return (
    <defs>
      {ids.map((id) => {
        const turned = id === 'medium' || id === 'stale';
        const transform = prefix === 'map' ? (turned ? slanted : upright) : turned ? 'rotate(45)' : 'scale(1)';
        return (
          <pattern key={id} id={`${prefix}-${id}`} patternUnits="userSpaceOnUse" width={tile[id]} height={tile[id]} patternTransform={transform}>
            <Content id={id} />
          </pattern>
        );
      })}
      <clipPath id={`${prefix === 'map' ? 'clip' : 'key-clip'}-upper`}><rect x="-12" y="-12" width="24" height="12" /></clipPath>
    </defs>
  );
}
