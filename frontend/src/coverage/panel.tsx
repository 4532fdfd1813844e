// The coverage screen: one area in figures, why they moved, how they stand to the objectives; for
// those who are not signed in, what was released.
import { useSignal } from '@preact/signals';
import { lang, t, text3 } from '../i18n';
import { date, number } from '../i18n/format';
import { Icon } from '../map/map';
import { datetime, isPublic } from '../state';
import * as ask from './ask';
import { Blind } from './blind';
import { Compare } from './compare';
import { Facilities } from './facilities';
import { AFFECTED, controlRows, isUnknown, refusal, roadParts, roadStates, rowWith, workingParts } from './figures';
import type { Measurement, Value } from './model';
import { Objectives } from './objectives';
import { area, areaGroups, placeName, showArea } from './places';
import { PublicCoverage } from './released';
import { Stacks } from './stack';
import { amountText, mainFigure, rowName, wholeText } from './text';
import { Trend } from './trend';
import { Answered, FigureCard, FigureRow, Refused, Section, Sources } from './value';
import { Why } from './why';
import { c } from './words';
import '../style/answers.css';
import '../style/coverage.css';

const FIRST = 'T1,X1,R1,L1,H1';

export function CoveragePanel() {
  return (
    <div class="coverage">
      <h2>{t('tab.coverage')}</h2>
      {isPublic.value ? <PublicCoverage /> : <OneArea />}
    </div>
  );
}

function OneArea() {
  const id = area.value;
  const answer = ask.useAnswer(`values ${id}`, (signal) => ask.values(FIRST, id, datetime.value, signal));
  const values = answer.data?.values ?? [];
  return (
    <>
      <Chooser />
      <Answered answer={answer} room={620}>{(data) => <KeyFigures data={data} busy={answer.busy} />}</Answered>
      <Section id="trend" title={c('trend')}>{() => <Trend values={values} />}</Section>
      <Section id="why" title={c('why')}>{() => <Why />}</Section>
      <Section id="roads" title={c('roads')} aside={roadsAside(values)}>{() => <Roads values={values} />}</Section>
      <Section id="facilities" title={c('facilities')} aside={policeAside(values)}>{() => <Facilities values={values} />}</Section>
      <Section id="blind" title={c('blind')}>{() => <Blind />}</Section>
      <Section id="objectives" title={c('objectives')}>{() => <Objectives />}</Section>
      <Section id="compare" title={c('compare')}>{() => <Compare />}</Section>
      <Section id="all" title={c('all')}>{() => <AllIndicators />}</Section>
      {answer.data && (
        <p class="csv">
          <a href={ask.csvPath(id, answer.data.datetime, answer.data.revision, lang.value)} download={`pasaj-${id}-${answer.data.datetime.slice(0, 10)}.csv`}>{c('csv')}</a>
          <small>{c('csvNote')}</small>
        </p>
      )}
    </>
  );
}

function Chooser() {
  const id = area.value;
  const groups = areaGroups.value;
  const listed = groups.some((g) => g.ids.includes(id));
  return (
    <div class="chooser">
      <label for="coverage-area">{c('area')}</label>
      <div>
        <select id="coverage-area" value={id} onChange={(event) => { area.value = event.currentTarget.value; showArea(area.value); }}>
          {!listed && <option value={id}>{placeName(id)}</option>}
          {groups.map((g) => <optgroup key={g.title} label={g.title}>{g.ids.map((x) => <option key={x} value={x} selected={x === id}>{placeName(x)}</option>)}</optgroup>)}
        </select>
        <button type="button" aria-label={c('show')} title={c('show')} onClick={() => showArea(id)}><Icon d="M3 6V3H6M12 3H15V6M15 12V15H12M6 15H3V12M9 7V11M7 9H11" /></button>
      </div>
    </div>
  );
}

function KeyFigures({ data, busy }: { data: Measurement; busy: boolean }) {
  const { values } = data;
  const affected = rowWith(values, 'T1', { control_type: AFFECTED });
  const exposed = rowWith(values, 'X1', { control_type: AFFECTED }) ?? refusal(values, 'X1');
  const types = controlRows(values);
  const groups = values.filter((v) => v.indicator === 'T1' && v.of?.['group']);
  const t1 = affected ?? refusal(values, 'T1');
  const unassessed = types.filter(isUnknown);
  return (
    <>
      <p class="as-of">{c('asOf', { date: date(data.datetime), n: number(data.revision) })}{busy && <strong> {c('older', { date: date(data.datetime) })}</strong>}</p>
      {t1 && <FigureCard value={t1} title={`${c('territory')} ${rowName({ control_type: AFFECTED })}`} level={3} />}
      {types.length > 0 && (
        <section class="types">
          <h3>{c('byType')}</h3>
          {affected?.denominator && <p class="hint">{wholeText(affected.denominator)}</p>}
          {types.filter((v) => !isUnknown(v)).map((v) => <FigureRow key={rowName(v.of)} value={v} />)}
          {unassessed.map((v) => <FigureRow key={rowName(v.of)} value={v} />)}
          <p class="hint">{c('hint')} {c('key')}.</p>
          <Sources values={types} />
          {groups.length > 0 && (
            <details class="twin">
              <summary>{c('groups')} ({number(groups.length)})</summary>
              <p class="hint">{c('groupsNote')}</p>
              {groups.map((v) => <FigureRow key={rowName(v.of)} value={v} />)}
            </details>
          )}
        </section>
      )}
      {exposed && <FigureCard value={exposed} title={c('people')} level={3} />}
    </>
  );
}

const roadsAside = (values: readonly Value[]): string | null => {
  const all = roadParts(values).find((r) => r.ref === '');
  return all ? c('roadsAside', { closed: amountText(all.parts.part['closed']!, 'km'), unknown: amountText(all.parts.part['unknown']!, 'km') }) : null;
};
const policeAside = (values: readonly Value[]): string | null => {
  const parts = workingParts(values, 'L1');
  return parts ? c('policeAside', { none: number(parts.part['none']!), unknown: number(parts.part['unknown']!), total: number(parts.total) }) : null;
};

function Roads({ values }: { values: readonly Value[] }) {
  const refused = refusal(values, 'R1');
  if (refused) return <Refused value={refused} />;
  const roads = roadParts(values);
  const note = values.find((v) => v.indicator === 'R1' && v.note)?.note;
  if (roads.length === 0) return values.length === 0 ? <p class="hint">{t('app.loading')}</p> : <p class="empty">{c('nothing')}</p>;
  return (
    <>
      <Stacks rows={roads.map((r) => ({ key: r.ref, name: r.ref || c('of.all'), parts: r.parts }))} names={roadStates} words="road" caption={c('roadTable')} first={c('road')} />
      {note && <p class="note">{text3(note)}</p>}
      <Sources values={roads.flatMap((r) => Object.values(r.parts.values))} />
    </>
  );
}

/** Every indicator of the server by its title; each is measured when it is opened. */
function AllIndicators() {
  const answer = ask.useAnswer('indicators', (signal) => ask.indicators(signal));
  return (
    <Answered answer={answer} room={600}>
      {(list) => list.map((i) => <Section key={i.code} id={`indicator ${i.code}`} title={text3(i.title)} aside={i.code}>{() => <OneIndicator code={i.code} />}</Section>)}
    </Answered>
  );
}

const ROWS = 40;
function OneIndicator({ code }: { code: string }) {
  const id = area.value;
  const all = useSignal(false);
  const answer = ask.useAnswer(`one ${code} ${id}`, (signal) => ask.values(code, id, datetime.value, signal));
  return (
    <Answered answer={answer} room={90}>
      {({ values }) => {
        const rows = all.value ? values : values.slice(0, ROWS);
        const wholes = [...new Set(values.map((v) => (v.denominator ? wholeText(v.denominator) : '')))];
        const notes = [...new Set(values.filter((v) => v.status === 'assessed').map((v) => text3(v.note)).filter(Boolean))];
        return (
          <>
            {values.length === 0 && <p class="empty">{c('nothing')}</p>}
            {wholes.length === 1 && wholes[0] && <p class="hint">{wholes[0]}</p>}
            {rows.map((v, i) => (mainFigure(v)
              ? <div key={i}><FigureRow value={v} />{wholes.length > 1 && v.denominator && <p class="hint">{wholeText(v.denominator)}</p>}</div>
              : <div key={i}>{Object.keys(v.of ?? {}).length > 0 && <p class="bar-name">{rowName(v.of)}</p>}<Refused value={v} /></div>))}
            {values.length > rows.length && <button type="button" class="link" onClick={() => { all.value = true; }}>{c('more', { n: number(values.length - rows.length), count: values.length - rows.length })}</button>}
            {notes.map((n) => <p key={n} class="note">{n}</p>)}
            {values[0] && <p class="hint">{c('formula', { version: values[0].formula })}</p>}
          </>
        );
      }}
    </Answered>
  );
}
