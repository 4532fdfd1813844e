// The legend is the list of layers: each switch says how much of it is in view.
import { t, word } from '../i18n';
import { number } from '../i18n/format';
import { Patterns } from '../map/patterns';
import { FacilitySquare, Obstacle, type ObstacleFill } from '../map/shapes';
import { controlTypes, roadStatuses, type Collection } from '../model';
import { features, hidden, isPublic, layerProblems } from '../state';
import { toggleLayer } from '../store';
import { countsInView } from './counts';

const switches: Collection[] = [
  'controlled-zones', 'roadblocks', 'national-roads', 'police-facilities', 'ports', 'airports', 'facilities', 'incidents', 'admin-areas', 'places',
];
/** Layers whose absence from a public map is said aloud. */
const withheldFromPublic: readonly Collection[] = ['controlled-zones', 'roadblocks', 'police-facilities', 'incidents'];

function LayerIcon({ layer }: { layer: Collection }) {
  const body = (() => {
    switch (layer) {
      case 'controlled-zones': return <g class="zone control-influenced medium"><path class="fill" d="M-13-8H13V8H-13Z" /><path class="overlay" d="M-13-8H13V8H-13Z" fill="url(#key-medium)" /><path class="edge" d="M-13-8H13V8H-13Z" /></g>;
      case 'roadblocks': return <g transform="scale(.74)"><Obstacle subtype="barricade_manned" fill="full" eighths={5} /></g>;
      case 'national-roads': return <g class="road open"><path class="casing" d="M-14 3 14-3" /><path class="line" d="M-14 3 14-3" /></g>;
      case 'admin-areas': return <path class="key-line" d="M-13-6 2-8 13 0 6 8-12 6Z" />;
      case 'places': return <g class="town"><circle class="town-dot" r="4" /></g>;
      default: return <FacilitySquare collection={layer} type={layer === 'facilities' ? 'hospital' : null} functional="full" />;
    }
  })();
  return <svg class="key" viewBox="-16 -12 32 24" aria-hidden="true">{body}</svg>;
}

export function Legend() {
  const counts = countsInView.value;
  return (
    <div class="legend">
      <svg class="definitions" aria-hidden="true"><Patterns prefix="key" /></svg>
      <h2>{t('legend.layers')}</h2>
      <ul class="switches">
        {switches.map((layer) => {
          const on = !hidden.value.has(layer);
          const withheld = isPublic.value && withheldFromPublic.includes(layer) && !features.value[layer]?.size;
          const broken = layerProblems.value[layer] && !withheld;
          return (
            <li key={layer}>
              <label class={withheld ? 'withheld' : ''}>
                <input type="checkbox" role="switch" checked={on} onChange={() => toggleLayer(layer)} />
                <LayerIcon layer={layer} />
                <span class="grow">{t(`layer.${layer}`)}</span>
                <span class="count">
                  {withheld ? <em>{t('layer.withheld')}</em> : broken ? '!' : <><span aria-hidden="true">{number(counts[layer] ?? 0)}</span><span class="unseen">{t('layer.inView', { n: counts[layer] ?? 0 })}</span></>}
                </span>
              </label>
            </li>
          );
        })}
      </ul>
      <h2>{t('legend.control')}</h2>
      <ul class="keys two">
        {controlTypes.map((c) => <Key key={c} text={word('control', c)}><ZoneKey classes={`control-${c} high`} overlay={c === 'unknown' ? 'unknown' : null} /></Key>)}
      </ul>
      <h2>{t('legend.confidence')}</h2>
      <ul class="keys">
        <Key text={t('legend.high')}><ZoneKey classes="control-influenced high" /></Key>
        <Key text={t('legend.medium')}><ZoneKey classes="control-influenced medium" overlay="medium" /></Key>
        <Key text={t('legend.low')}><ZoneKey classes="control-influenced low" overlay="low" /></Key>
        <Key text={t('legend.stale')}><ZoneKey classes="control-influenced stale" overlay="stale" /></Key>
        <Key text={t('legend.claimed')}><ZoneKey classes="control-influenced claimed" claimed /></Key>
      </ul>
      <p class="hint">{t('legend.precision')}</p>
      <h2>{t('legend.roads')}</h2>
      <ul class="keys two">
        {roadStatuses.map((s) => (
          <Key key={s} text={word('status', s)}>
            <g class={`road ${s}`}><path class="casing" d="M-15 0H15" /><path class="line" d="M-15 0H15" /></g>
          </Key>
        ))}
      </ul>
      <p class="hint">{t('legend.schematic')}</p>
      <h2>{t('legend.obstacles')}</h2>
      <ul class="keys two">
        {['toll_post', 'barricade_manned', 'ambush_stretch', 'community_gate', 'police_closure', 'trench_ditch', 'flood', 'bridge_out'].map((sub, i) => (
          <Key key={sub} text={word('subtype', sub)}><g transform="scale(.8)"><Obstacle subtype={sub} fill="full" eighths={8 - i} /></g></Key>
        ))}
        {([['half', 'legend.half'], ['hollow', 'legend.hollow'], ['cleared', 'legend.cleared']] as [ObstacleFill, Parameters<typeof t>[0]][]).map(([fill, key]) => (
          <Key key={fill} text={t(key)}><g transform="scale(.8)"><Obstacle subtype="barricade_manned" fill={fill} eighths={fill === 'hollow' ? 0 : 4} /></g></Key>
        ))}
        <Key text={t('legend.disputed')}><g transform="scale(.8)"><Obstacle subtype="barricade_manned" fill="full" eighths={4} disputed /></g></Key>
      </ul>
      <p class="hint">{t('legend.ring')}</p>
      <h2>{t('legend.facilities')}</h2>
      <ul class="keys two">
        {(['full', 'partial', 'none', 'unknown'] as const).map((s) => <Key key={s} text={t(`legend.${s}`)}><FacilitySquare collection="facilities" type="hospital" functional={s} /></Key>)}
        {([['police-facilities', null, 'police'], ['ports', null, 'port'], ['airports', null, 'airport'], ['facilities', 'prison', 'prison'], ['facilities', 'border_crossing', 'border_crossing'], ['ports', 'fuel_terminal', 'fuel_terminal']] as const).map(([c, type, name]) => (
          <Key key={name} text={word('facility', name)}><FacilitySquare collection={c} type={type} functional="unknown" /></Key>
        ))}
      </ul>
    </div>
  );
}

function Key({ text, children }: { text: string; children: preact.ComponentChildren }) {
  return <li><svg class="key" viewBox="-16 -12 32 24" aria-hidden="true">{children}</svg><span>{text}</span></li>;
}

export function ZoneKey({ classes, overlay, claimed }: { classes: string; overlay?: string | null; claimed?: boolean }) {
  const d = 'M-14-9H14V9H-14Z';
  return (
    <g class={`zone ${classes}`}>
      <path class="fill" d={d} />
      {overlay && <path class="overlay" d={d} fill={`url(#key-${overlay})`} />}
      {claimed && <path class="edge under" d={d} />}
      <path class="edge" d={d} />
      {claimed && <path class="edge gap" d={d} />}
    </g>
  );
}
