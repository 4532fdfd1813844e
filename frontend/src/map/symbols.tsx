// Symbols and names in pixels: drawn from the scene, moved with the map.
import { eighthsLeft, isStale } from '../confidence';
import { sentence } from '../describe';
import { t } from '../i18n';
import { atMs, focus, recentlyChanged } from '../state';
import type { Label } from './layout';
import { precisionUnits, scene, type SymbolGroup } from './scene';
import { FacilitySquare, Obstacle, obstacleFill } from './shapes';
import { panTransform, scale } from './view';

export function Symbols({ focusable }: { focusable: boolean }) {
  const { facilities, roadblocks, labels, capitals, shields, streetNames } = scene.value;
  return (
    <g class="symbols" transform={panTransform}>
      <g aria-hidden="true" class="names">
        <g class="street-name">
          {streetNames.map((n) => <text key={`${n.text}${n.x | 0}`} transform={`translate(${n.x.toFixed(1)} ${n.y.toFixed(1)}) rotate(${n.degrees.toFixed(1)})`} y="3.6" font-size="10.5">{n.text}</text>)}
        </g>
        {shields.map((s) => (
          <g key={`${s.text}${s.x | 0}${s.y | 0}`} class="shield" transform={`translate(${s.x.toFixed(1)} ${s.y.toFixed(1)})`}>
            <rect x="-15" y="-8.5" width="30" height="17" rx="4" />
            <text y="4">{s.text}</text>
          </g>
        ))}
        {labels.map((l) => <Name key={`${l.kind}${l.text}${l.x | 0}`} label={l} />)}
      </g>
      {facilities.map((g) => <Group key={keyOf(g)} group={g} focusable={focusable} />)}
      {roadblocks.map((g) => <Group key={keyOf(g)} group={g} focusable={focusable} />)}
      <g aria-hidden="true" class="names">{capitals.map((l) => <Name key={l.text} label={l} />)}</g>
    </g>
  );
}

function Name({ label: l }: { label: Label }) {
  return (
    <g class={l.kind} transform={`translate(${l.x.toFixed(1)} ${l.y.toFixed(1)})`}>
      {l.kind.startsWith('town') && <circle class="town-dot" r={l.kind.endsWith('rank1') ? 4.2 : 3} />}
      {l.kind === 'place-name' && <circle class="place-dot" r="2" />}
      <text x={l.dx} y={l.dy + l.sizePx * 0.35} text-anchor={l.anchor} font-size={l.sizePx}>{l.text}</text>
    </g>
  );
}

const keyOf = (g: SymbolGroup): string => `${g.items[0]!.collection}:${g.items[0]!.feature.id}`;

function Group({ group, focusable }: { group: SymbolGroup; focusable: boolean }) {
  const first = group.items[0]!;
  const p = first.feature.properties;
  const at = atMs.value;
  const many = group.items.length;
  const chosen = focus.value?.id === first.feature.id && focus.value.collection === first.collection;
  const changed = group.items.some((i) => recentlyChanged.value.has(i.feature.id));
  const obstacle = first.collection === 'roadblocks';
  const label = sentence(first.collection, p, at) + (many > 1 ? `, ${t('app.more', { n: many - 1 })}` : '');
  const ground = chosen ? precisionUnits(first.feature) * scale.value : 0;
  return (
    <g
      class={`symbol ${chosen ? 'chosen' : ''} ${changed ? 'changed' : ''}`}
      transform={`translate(${group.x.toFixed(1)} ${group.y.toFixed(1)})`}
      data-key={keyOf(group)} data-group={many > 1 ? group.items.map((i) => i.feature.id).join(' ') : undefined}
      role="button" tabindex={focusable ? 0 : -1} aria-label={label}
    >
      {ground > 14 && <circle class="ground" r={ground.toFixed(1)} />}
      <circle class="touch" r={obstacle ? 20 : 16} />
      {chosen && <circle class="chosen-ring" r="19" />}
      {changed && <circle class="changed-ring" r="18" />}
      {obstacle
        ? <Obstacle subtype={p.subtype ?? 'other'} fill={obstacleFill(p, isStale(p, at))} eighths={eighthsLeft(p, at)} disputed={p.state === 'disputed'} />
        : <FacilitySquare collection={first.collection} type={p.facility_type} functional={p.functional ?? null} />}
      {many > 1 && (
        <g class="count" transform={`translate(${obstacle ? 12 : 9} ${obstacle ? 11 : 9})`}>
          <rect x={many > 9 ? -10 : -7} y="-7.5" width={many > 9 ? 20 : 14} height="15" rx="7.5" />
          <text y="4">{many}</text>
        </g>
      )}
    </g>
  );
}
