// Why a figure moved: what happened, what was learned late, what grew old, adding up to the change;
// and the changes themselves, each shown on the map.
import { useEffect } from 'preact/hooks';
import { signal, useSignal } from '@preact/signals';
import { text3 } from '../i18n';
import { area as km2, number } from '../i18n/format';
import { boxOf, parts } from '../map/geometry';
import { announcement, datetime, pointedAt } from '../state';
import * as ask from './ask';
import { CHANGE_DAYS, changeTypes, waterfall, type Step, type Waterfall } from './figures';
import type { Change } from './model';
import { area, placeName, showBox } from './places';
import { changeText, rowWord, wholeText } from './text';
import { causeText, changeTitle, sureText } from './change-words';
import { Answered, Refused } from './value';
import { c, type Key } from './words';

const days = signal<(typeof CHANGE_DAYS)[number]>(7);
const SHOWN = 12;

export function Why() {
  const id = area.value;
  const answer = ask.useAnswer(`T2 ${id}`, (signal) => ask.values('T2', id, datetime.value, signal));
  const chosen = useSignal('');
  return (
    <div class="why">
      <div class="segments" role="group" aria-label={c('period')}>
        {CHANGE_DAYS.map((d) => <button key={d} type="button" aria-pressed={days.value === d} onClick={() => { days.value = d; }}>{c('days', { n: d })}</button>)}
      </div>
      <Answered answer={answer} room={250}>
        {({ values }) => {
          const types = changeTypes(values);
          const type = types.includes(chosen.value) ? chosen.value : types[0];
          const fall = type ? waterfall(values, days.value, type) : null;
          return (
            <>
              {types.length > 1 && (
                <select aria-label={c('byType')} value={type ?? ''} onChange={(event) => { chosen.value = event.currentTarget.value; }}>
                  {types.map((x) => <option key={x} value={x}>{rowWord('control_type', x)}</option>)}
                </select>
              )}
              {fall ? <Fall fall={fall} /> : values[0] && <Refused value={values[0]} />}
            </>
          );
        }}
      </Answered>
      <ChangeList key={`${id} ${days.value}`} />
    </div>
  );
}

const EDGE = 0.03; // of the width, left free beside the bars

function Fall({ fall }: { fall: Waterfall }) {
  const { steps, total, change, low, high, unit } = fall;
  const span = (high - low || 1) * (1 + 2 * EDGE);
  const left = (v: number) => `${(((v - low) / span + EDGE / (1 + 2 * EDGE)) * 100).toFixed(2)}%`;
  const said = (step: Step) => (step.change == null ? c(step.value?.status === 'withheld' ? 'withheld' : 'notMeasured') : changeText(step.change, unit));
  const [situation, late, expiry] = steps.map(said) as [string, string, string];
  const whole = total?.denominator ?? steps.find((s) => s.value?.denominator)?.value?.denominator;
  const missing = [total, ...steps.map((s) => s.value)].find((v) => v?.status === 'not_measured' && v.note);
  return (
    <figure class="fall">
      <figcaption>{change == null ? c('whyPartly', { n: days.value, situation, late, expiry }) : c('whySummary', { total: changeText(change, unit), n: days.value, situation, late, expiry })}</figcaption>
      <ul>
        {steps.map((s) => (
          <li key={s.part} class={s.change == null ? 'refused' : ''}>
            <span class="fall-name">{c(`part.${s.part}` as Key)}</span>
            <b>{said(s)}</b>
            <span class="fall-track" aria-hidden="true">
              <i class="zero" style={{ left: left(0) }} />
              {s.from !== 0 && <i class="start" style={{ left: left(s.from) }} />}
              {s.change != null && <i class={`fall-bar ${s.part} ${s.change < 0 ? 'down' : 'up'}`} style={{ left: left(Math.min(s.from, s.to)), width: `${((Math.abs(s.change) / span) * 100).toFixed(2)}%` }} />}
            </span>
          </li>
        ))}
        <li class={`total ${change == null ? 'refused' : ''}`}>
          <span class="fall-name">{c('part.total')}</span>
          <b>{change == null ? c(total?.status === 'withheld' ? 'withheld' : 'notMeasured') : changeText(change, unit)}</b>
          <span class="fall-track" aria-hidden="true">
            <i class="zero" style={{ left: left(0) }} />
            {change != null && <i class={`fall-bar all ${change < 0 ? 'down' : 'up'}`} style={{ left: left(Math.min(0, change)), width: `${((Math.abs(change) / span) * 100).toFixed(2)}%` }} />}
          </span>
        </li>
      </ul>
      <p class="hint">{c('whyNote')}</p>
      {missing?.note && <p class="note">{text3(missing.note)}</p>}
      {whole && <p class="hint">{wholeText(whole)}</p>}
      <details class="twin">
        <summary>{c('values')}</summary>
        <div class="table" tabIndex={0} role="region" aria-label={c('whyTable')}>
          <table>
            <caption>{c('whyTable')}</caption>
            <thead><tr><th scope="col">{c('part')}</th><th scope="col">{c('low')}</th><th scope="col">{c('central')}</th><th scope="col">{c('high')}</th></tr></thead>
            <tbody>
              {[...steps.map((s) => [s.part, s.value] as const), ['total', total] as const].map(([part, v]) => (
                <tr key={part}>
                  <th scope="row">{c(`part.${part}` as Key)}</th>
                  {v?.status === 'assessed' && v.amount
                    ? [v.amount.low, v.amount.central, v.amount.high].map((x, i) => <td key={i}>{changeText(x, v.unit)}</td>)
                    : <td colSpan={3}>{c(v?.status === 'withheld' ? 'withheld' : 'not_measured')}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function ChangeList() {
  const id = area.value;
  const span = days.value;
  const all = useSignal(false);
  const shown = useSignal<string | null>(null);
  const answer = ask.useAnswer(`changes ${id} ${span}`, (signal) => ask.changes(id, ask.instant(datetime.value), span, signal));
  // The ground that was pointed at belongs to this list: it goes with it.
  useEffect(() => () => { pointedAt.value = null; }, []);
  const point = (change: Change) => {
    shown.value = keyOf(change);
    pointedAt.value = change.geometry;
    if (change.geometry) showBox(boxOf(parts(change.geometry).flat()));
    announcement.value = c('shown', { text: changeTitle(change) });
  };
  return (
    <>
      <h4 id="changes-title">{c('changes')}</h4>
      <Answered answer={answer} room={120}>
        {(data) => {
          if (data.status !== 'assessed') return <Refused value={{ status: data.status }} />;
          // The largest first; the server lists them by commune and cause.
          const sorted = [...data.features].sort((a, b) => b.properties.km2 - a.properties.km2);
          const list = all.value ? sorted : sorted.slice(0, SHOWN);
          const left = sorted.length - list.length;
          return (
            <>
              {sorted.length === 0 && <p class="empty">{c('changesNone')}</p>}
              <ul class="change-list" aria-labelledby="changes-title">
                {list.map((f) => (
                  <li key={keyOf(f)}>
                    <button type="button" class="entry" aria-pressed={shown.value === keyOf(f)} onClick={() => point(f)}>
                      <KindMark kind={f.properties.kind} />
                      <span class="grow"><strong>{changeTitle(f)}</strong><small>{[placesOf(f), causeText(f.properties.cause), sureText(f)].filter(Boolean).join(' · ')}</small></span>
                      <b class="km2">{km2(f.properties.km2)}</b>
                    </button>
                  </li>
                ))}
              </ul>
              {left > 0 && <button type="button" class="link" onClick={() => { all.value = true; }}>{c('more', { n: number(left), count: left })}</button>}
              {data.late_information_status === 'not_measured' && <p class="note">{c('lateUnknown')}</p>}
              {(data.omitted?.items ?? 0) > 0 && <p class="note">{c('omitted', { n: number(data.omitted!.items), count: data.omitted!.items, area: km2(data.omitted!.km2) })}</p>}
            </>
          );
        }}
      </Answered>
    </>
  );
}

const placesOf = (f: Change): string => (f.properties.areas ?? []).map(placeName).join(', ');
const keyOf = ({ properties: p }: Change): string => JSON.stringify([p.kind, p.cause, p.areas, p.from, p.to, p.km2]);

/** A shape for each kind; those that rest on evidence, not on events, have a dashed frame. */
const marks: Record<string, string> = {
  gained: 'M8 3V13M3 8H13', lost: 'M3 8H13', transferred: 'M2 6H12L9 3M14 10H4L7 13', reclassified: 'M3 5H13M3 11H13',
  renewed: 'M3 9 7 12.5 13 4', downgraded: 'M3 4 8 12 13 4', expired: 'M8 3A5 5 0 1 0 13 8M8 5V8L10 9.5', learned_late: 'M3 8A5 5 0 1 1 8 13M8 5V8H11',
  withdrawn: 'M4 4 12 12M12 4 4 12', corrected: 'M3 12 11 4 13 6 5 13H3Z',
};
function KindMark({ kind }: { kind: string }) {
  return <svg class={`kind-mark ${kind}`} viewBox="0 0 16 16" aria-hidden="true"><path d={marks[kind] ?? 'M8 8H8.1'} /></svg>;
}
