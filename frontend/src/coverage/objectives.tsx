// The medium-term objectives (a) to (f) beside their dated baselines. What cannot be measured in
// space says so in words.
import { text3 } from '../i18n';
import { date, number } from '../i18n/format';
import { datetime } from '../state';
import { ArrowMark } from './arrow';
import * as ask from './ask';
import type { Figure, Objective, Reading, Value } from './model';
import { amountText, baselineText, mainFigure, rowName, sourceWords, wholeText } from './text';
import { Answered, Refused } from './value';
import { c } from './words';

export function Objectives() {
  const answer = ask.useAnswer('objectives', (signal) => ask.objectives(datetime.value, signal));
  return (
    <Answered answer={answer} room={420}>
      {({ objectives, baselines }) => {
        const measured = baselines.filter((b) => b.status !== 'not_measured');
        const rest = baselines.filter((b) => b.status === 'not_measured');
        return (
          <>
            <ol class="objectives">{objectives.map((o) => <ObjectiveView key={o.letter} objective={o} />)}</ol>
            <h4>{c('baselines')}</h4>
            <ul class="readings">{measured.map((b) => <ReadingView key={b.id} reading={b} />)}</ul>
            {rest.length > 0 && (
              <details class="twin">
                <summary>{c('restBaselines', { n: rest.length })}</summary>
                <ul class="readings">{rest.map((b) => <ReadingView key={b.id} reading={b} />)}</ul>
              </details>
            )}
            <p class="hint" lang="en">{[...new Set(baselines.map((b) => b.comparison.source))].map(sourceWords).join(' ; ')}</p>
          </>
        );
      }}
    </Answered>
  );
}

function ObjectiveView({ objective: o }: { objective: Objective }) {
  return (
    <li>
      <span class="letter-mark" aria-hidden="true">{o.letter}</span>
      <div>
        <h4><span class="unseen">({o.letter}) </span>{text3(o.text)}</h4>
        <p class="hint">{c('wanted', { arrow: c(o.wanted === 'down' ? 'wanted.down' : 'wanted.up') })}</p>
        {o.headline.map((f, i) => <FigureLine key={i} figure={f} wanted={o.wanted} />)}
        {o.status !== 'assessed' && o.headline.length === 0 && <p class="withheld-box"><strong>{c(o.status === 'withheld' ? 'withheld' : 'not_measured')}</strong></p>}
        {o.note && o.status === 'assessed' && <p class="note">{text3(o.note)}</p>}
        {o.support.length > 0 && (
          <details class="twin">
            <summary>{c('support')} ({number(o.support.length)})</summary>
            {o.support.map((f, i) => <FigureLine key={i} figure={f} />)}
          </details>
        )}
      </div>
    </li>
  );
}

const rowOf = (v: Value) => (Object.keys(v.of ?? {}).length > 0 ? ` · ${rowName(v.of)}` : '');

function FigureLine({ figure: { title, place, value }, wanted }: { figure: Figure; wanted?: string }) {
  const main = mainFigure(value);
  return (
    <div class="figure-line">
      <p>{text3(title)}{rowOf(value)} — {text3(place)}</p>
      {main
        ? <p class="amounts"><b>{main.central}</b> <span class="range">{main.range}</span>{value.denominator && <small>{wholeText(value.denominator)}</small>}</p>
        : <Refused value={value} />}
      {value.baseline && <p class="reference"><ArrowMark arrow={value.baseline.arrow} wanted={wanted} /> {baselineText(value.baseline)}</p>}
    </div>
  );
}

function ReadingView({ reading: r }: { reading: Reading }) {
  const b = r.comparison;
  const range = r.amount && r.amount.low !== r.amount.high ? ` (${amountText(r.amount.low, r.unit)} – ${amountText(r.amount.high, r.unit)})` : '';
  return (
    <li class={r.status}>
      <p><strong>{text3(r.name)}</strong></p>
      <dl>
        <dt>{c('then')}</dt><dd>{text3(r.text)} <small>{date(`${b.date}T12:00:00Z`)}</small></dd>
        <dt>{c('now')}</dt>
        <dd>
          {r.status === 'assessed' && r.amount
            ? <>{text3(r.present) || amountText(r.amount.central, r.unit)}{range}{r.denominator && <small> {wholeText(r.denominator)}</small>}</>
            : c(r.status === 'withheld' ? 'withheld' : 'not_measured')}
        </dd>
      </dl>
      {r.status === 'assessed' && <p class="reference"><ArrowMark arrow={b.arrow} wanted={r.wanted} /></p>}
      {r.note && r.status === 'assessed' && <p class="note">{text3(r.note)}</p>}
    </li>
  );
}
