// Where a figure stands beside its baseline: a shape with its words, never a colour alone.
import type { Arrow } from './model';
import { c } from './words';

const paths: Record<Arrow, string> = {
  up: 'M8 14V3M3.5 7.5 8 3 12.5 7.5', down: 'M8 2V13M3.5 8.5 8 13 12.5 8.5', level: 'M2 8H13M9 4 13 8 9 12', unknown: 'M5.5 5.5A2.6 2.6 0 1 1 8 9V10.2M8 13V13.2',
};
const known = (a: string): Arrow => (a in paths ? (a as Arrow) : 'unknown');

/** With what is wanted: also whether the figure goes there. */
export function ArrowMark({ arrow, wanted }: { arrow: string; wanted?: string | undefined }) {
  const a = known(arrow);
  const way = wanted && (a === 'up' || a === 'down') ? (a === wanted ? 'good' : 'bad') : null;
  return (
    <span class={`arrow ${a} ${way ?? ''}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d={paths[a]} /></svg>
      {c(`arrow.${a}`)}{way && ` (${c(way)})`}
    </span>
  );
}
