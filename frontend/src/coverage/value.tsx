// One figure: what is printed large, its interval, what it is a share of, how sure, of how many
// records. What is withheld or not measured says so with its reason, and is never a zero.
import type { ComponentChildren } from 'preact';
import { signal } from '@preact/signals';
import { t, text3 } from '../i18n';
import { percent } from '../i18n/format';
import { controlType, type Text3 } from '../model';
import { problemKey } from '../problem';
import type { Answer } from './ask';
import { UNASSESSED } from './figures';
import type { Interval, Status, Value } from './model';
import { amountText, baselineText, mainFigure, rowName, sourceWords, traceText, wholeText } from './text';
import { c } from './words';
import { ArrowMark } from './arrow';

const clamp = (x: number) => Math.max(0, Math.min(1, x));
const place = (x: number) => `${(clamp(x) * 100).toFixed(2)}%`;

/** Solid to the low value, paler to the central one (with a mark), hatched to the high one. */
export function IntervalBar({ interval: { low, central, high }, name, of = 1 }: { interval: Interval; name: string; of?: number }) {
  const from = Math.min(low, central, high);
  const to = Math.max(low, central, high);
  return (
    <span class={`track ${name}`} aria-hidden="true">
      <span class="to-high" style={{ width: place(to / of) }} />
      <span class="to-central" style={{ width: place(central / of) }} />
      <span class="to-low" style={{ width: place(from / of) }} />
      <span class="mark" style={{ left: place(central / of) }} />
    </span>
  );
}

/** The hue and pattern of a row: that of its control type or its state, as on the map. */
export function barName(v: Value): string {
  const control = v.of?.['control_type'];
  if (control === UNASSESSED) return 'unassessed';
  if (control && !control.includes('+')) return `control-${controlType(control)}`;
  return control ? 'affected' : 'plain';
}

export function Refused({ value }: { value: { status: Status; note?: Text3 | null } }) {
  const withheld = value.status === 'withheld';
  return (
    <p class="withheld-box"><strong>{c(withheld ? 'withheld' : 'not_measured')}</strong>{' '}{text3(value.note) || (withheld ? c('withheldNote') : '')}</p>
  );
}

/** A figure in full, with its denominator and what it rests on. */
export function FigureCard({ value, title, level = 4 }: { value: Value; title: string; level?: 3 | 4 }) {
  const main = mainFigure(value);
  const Heading = `h${level}` as 'h3';
  return (
    <article class={`figure-card ${value.status}`}>
      <Heading>{title}</Heading>
      {!main && <Refused value={value} />}
      {main && (
        <>
          <p class="amounts"><b>{main.central}</b> <span class="range">{main.range}</span>{main.other && <span class="other">{main.other}</span>}</p>
          {(value.share || value.unit === 'share') && <IntervalBar interval={main.interval} name={barName(value)} />}
          {value.denominator && <p class="hint">{wholeText(value.denominator)}</p>}
          <p class="trace">{traceText(value)}</p>
          {value.baseline && <p class="reference"><ArrowMark arrow={value.baseline.arrow} /> {baselineText(value.baseline)}</p>}
          {value.note && <p class="note">{text3(value.note)}</p>}
        </>
      )}
    </article>
  );
}

/** A figure in two lines, for lists whose denominator is said above them. */
export function FigureRow({ value, name }: { value: Value; name?: string }) {
  const main = mainFigure(value);
  return (
    <div class={`bar ${value.status}`}>
      <span class="bar-name">{name ?? rowName(value.of)}</span>
      {main
        ? <span class="bar-value"><b>{main.central}</b> <small>{[main.range, value.share && value.unit !== 'share' && amountText(value.amount!.central, value.unit)].filter(Boolean).join(' · ')}</small></span>
        : <span class="bar-value refused">{c(value.status === 'withheld' ? 'withheld' : 'not_measured')}</span>}
      {main && (value.share || value.unit === 'share') && <IntervalBar interval={main.interval} name={barName(value)} />}
      {main && <small class="trace">{traceText(value)}</small>}
    </div>
  );
}

/** A name under an interval without a record behind it, such as a released share. */
export function ShareRow({ name, share, hue, more }: { name: string; share: Interval; hue: string; more?: string | null }) {
  const whole = c('rangeText', { control: name, low: percent(share.low), central: percent(share.central), high: percent(share.high) });
  return (
    <div class="bar" role="img" aria-label={whole} title={whole}>
      <span class="bar-name">{name}</span>
      <span class="bar-value"><b>{percent(share.central)}</b> <small>{percent(share.low)} – {percent(share.high)}{more && ` · ${more}`}</small></span>
      <IntervalBar interval={share} name={hue} />
    </div>
  );
}

/** Each origin once: the server joins those of an answer with semicolons. */
export const sources = (values: readonly Value[]): string[] => [...new Set(values.flatMap((v) => (v.denominator?.source ?? '').split('; ')).filter(Boolean))];
export function Sources({ values }: { values: readonly Value[] }) {
  const all = sources(values);
  return all.length === 0 ? null : <p class="hint">{c('source', { name: all.map(sourceWords).join('; ') })}</p>;
}

/** What is true of an answer as a whole: on its way (with the room it will take), failed, or here. */
export function Answered<T>({ answer, room, children }: { answer: Answer<T>; room: number; children: (data: T) => ComponentChildren }) {
  const { data, problem, busy, retry } = answer;
  return (
    <div class={`answered ${busy && data ? 'older' : ''}`} aria-busy={busy}>
      {problem && (
        <p class="problem line" role="alert">{t(problemKey(problem))} <button type="button" class="link" onClick={retry}>{t('app.retry')}</button></p>
      )}
      {!data && !problem && <p class="skeleton" style={{ minHeight: `${room}px` }}><span>{t('app.loading')}</span></p>}
      {data && children(data)}
    </div>
  );
}

const opened = signal<ReadonlySet<string>>(new Set());

/** A part of the screen that is fetched and drawn when it is opened, and stays open while one goes to and fro. */
export function Section({ id, title, aside, children }: { id: string; title: string; aside?: ComponentChildren; children: () => ComponentChildren }) {
  const open = opened.value.has(id);
  return (
    <details
      class="section" data-section={id} open={open}
      onToggle={(event) => {
        const now = event.currentTarget.open;
        if (now === opened.value.has(id)) return;
        const next = new Set(opened.value);
        if (now) next.add(id); else next.delete(id);
        opened.value = next;
      }}
    >
      <summary><h3>{title}</h3>{aside && <span class="aside">{aside}</span>}</summary>
      {open && <div class="section-body">{children()}</div>}
    </details>
  );
}
