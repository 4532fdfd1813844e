// A figure over 90 days: the central line, the interval as a band, the dated baseline as a dashed
// line, days without a figure as hatched gaps. Every day can be read by keyboard and in a table.
import { useSignal } from '@preact/signals';
import { lang, text3 } from '../i18n';
import { date, number, percent } from '../i18n/format';
import { datetime } from '../state';
import { setDatetime } from '../store';
import * as ask from './ask';
import { AFFECTED, baselineOn, lineKey, pointsOf, rowWith, runs, ticks, type Point } from './figures';
import type { Interval, Line, Series, Value } from './model';
import { area } from './places';
import { amountText, baselineText, localDigits, rangeText, rowName, wholeText } from './text';
import { Answered, Refused } from './value';
import { c, type Key } from './words';

const DAYS = 90;
const measures: { code: string; name: Key; of: Record<string, string> }[] = [
  { code: 'T1', name: 'territory', of: { control_type: AFFECTED } },
  { code: 'X1', name: 'people', of: { control_type: AFFECTED } },
  { code: 'R1', name: 'roads', of: { status: 'closed' } },
  { code: 'L1', name: 'police', of: {} },
  { code: 'H1', name: 'health', of: {} },
];

/** The values are those of the area now: they tell the baseline of a row whose series does not. */
export function Trend({ values }: { values: readonly Value[] }) {
  const code = useSignal('T1');
  const id = area.value;
  const answer = ask.useAnswer(`series ${code.value} ${id}`, (signal) => ask.series(code.value, id, ask.instant(datetime.value), DAYS, signal));
  return (
    <div class="trend">
      <label for="trend-measure">{c('trendOf')}</label>
      <select id="trend-measure" value={code.value} onChange={(event) => { code.value = event.currentTarget.value; }}>
        {measures.map((m) => <option key={m.code} value={m.code}>{c(m.name)}</option>)}
      </select>
      <Answered answer={answer} room={290}>{(series) => <Lines key={`${series.indicator} ${id}`} series={series} values={values} />}</Answered>
    </div>
  );
}

function Lines({ series, values }: { series: Series; values: readonly Value[] }) {
  const measure = measures.find((m) => m.code === series.indicator);
  const preferred = lineKey({ of: measure?.of ?? {} } as Line);
  const chosen = useSignal(preferred);
  const lines = series.lines;
  const found = lines.find((l) => lineKey(l) === chosen.value) ?? lines.find((l) => lineKey(l) === preferred) ?? lines[0];
  const line = found && { ...found, baseline: found.baseline ?? rowWith(values, series.indicator, found.of ?? {})?.baseline ?? null };
  if (!line) return <p class="empty">{c('trendEmpty')}</p>;
  return (
    <>
      {lines.length > 1 && (
        <select aria-label={text3(series.title)} value={lineKey(line)} onChange={(event) => { chosen.value = event.currentTarget.value; }}>
          {lines.map((l) => <option key={lineKey(l)} value={lineKey(l)}>{nameOf(l, series.indicator)}</option>)}
        </select>
      )}
      <Chart key={lineKey(line)} line={line} name={nameOf(line, series.indicator)} datetimes={series.datetimes} />
    </>
  );
}

/** Of facilities, the row without words counts those that do not work. */
const nameOf = (l: Line, indicator: string): string =>
  Object.keys(l.of ?? {}).length === 0 && (indicator === 'L1' || indicator === 'H1') ? c('works.none') : rowName(l.of);

const WIDTH = 340;
const HEIGHT = 150;
const LEFT = 46;
const RIGHT = 8;
const TOP = 12;
const BOTTOM = 20;

function Chart({ line, name, datetimes }: { line: Line; name: string; datetimes: readonly string[] }) {
  const { points, shares } = pointsOf(line, datetimes);
  const drawn = runs(points);
  const at = useSignal(points.length - 1);
  const told = drawn.flatMap((r) => r.points);
  const first = told[0];
  const last = told.at(-1);
  const write = (x: number) => (shares ? percent(x) : amountText(x, line.unit));
  if (!first || !last) {
    const refused = points.at(-1)?.status ?? 'not_measured';
    return <><p class="empty">{c('trendEmpty')}</p><Refused value={{ status: refused, note: line.note ?? null }} /></>;
  }
  const baseline = baselineOn(line, shares);
  const marks = ticks(
    Math.min(...told.map((p) => p.range.low), ...told.map((p) => p.range.central), baseline ?? Infinity),
    Math.max(...told.map((p) => p.range.high), ...told.map((p) => p.range.central), baseline ?? -Infinity),
  );
  const [bottom, top] = [marks[0]!, marks.at(-1)!];
  const x = (i: number) => LEFT + (points.length < 2 ? 0.5 : i / (points.length - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (v: number) => HEIGHT - BOTTOM - ((v - bottom) / (top - bottom)) * (HEIGHT - TOP - BOTTOM);
  const gaps = points.filter((p) => !p.range).length;
  const summary = c('trendSummary', {
    name, last: write(last.range.central), to: date(last.at), low: write(last.range.low), high: write(last.range.high), first: write(first.range.central), from: date(first.at),
  });
  const i = Math.min(at.value, points.length - 1);
  const read = points[i]!;
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={[summary, gaps > 0 && c('trendGaps', { n: gaps })].filter(Boolean).join(' ')}>
        <defs><pattern id="gap" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="gap-line" d="M0 0V6" /></pattern></defs>
        {marks.map((m) => (
          <g key={m} class="tick"><path d={`M${LEFT} ${y(m).toFixed(1)}H${WIDTH - RIGHT}`} /><text x={LEFT - 5} y={(y(m) + 3.5).toFixed(1)}>{short(m, shares, top - bottom)}</text></g>
        ))}
        {gapsOf(points).map(([from, to]) => <rect key={from} class="gap" fill="url(#gap)" x={(x(from) - 1.5).toFixed(1)} width={(x(to) - x(from) + 3).toFixed(1)} y={TOP} height={HEIGHT - TOP - BOTTOM} />)}
        {drawn.map((r) => <path key={r.from} class="band" d={bandPath(r.points.map((p) => p.range), r.from, x, y)} />)}
        {baseline != null && <path class="baseline" d={`M${LEFT} ${y(baseline).toFixed(1)}H${WIDTH - RIGHT}`} />}
        {drawn.map((r) => <path key={r.from} class="line" d={linePath(r.points.map((p) => p.range.central), r.from, x, y)} />)}
        <path class="cursor" d={`M${x(i).toFixed(1)} ${TOP}V${HEIGHT - BOTTOM}`} />
        {read.range && <circle class="dot" cx={x(i).toFixed(1)} cy={y(read.range.central).toFixed(1)} r="4" />}
        <text class="end" x={LEFT} y={HEIGHT - 5}>{date(points[0]!.at)}</text>
        <text class="end right" x={WIDTH - RIGHT} y={HEIGHT - 5}>{date(points.at(-1)!.at)}</text>
      </svg>
      <input
        type="range" min={0} max={points.length - 1} value={i} aria-label={c('reading')} aria-valuetext={readText(read, write)}
        onInput={(event) => { at.value = Number(event.currentTarget.value); }}
      />
      <p class="read" aria-live="off"><span>{readText(read, write)}</span> <button type="button" class="link" onClick={() => setDatetime(read.at)}>{c('goToDay')}</button></p>
      <figcaption>
        {summary} <small>{c('band')}{gaps > 0 && ` · ${c('trendGaps', { n: gaps })}`}</small>
        {line.denominator && shares && <small>{wholeText(line.denominator)}</small>}
        {line.baseline && <small class="baseline-key">{baseline != null && <svg viewBox="0 0 22 6" aria-hidden="true"><path class="baseline" d="M0 3H22" /></svg>}{baselineText(line.baseline)}</small>}
        {line.note && <small>{text3(line.note)}</small>}
      </figcaption>
      <details class="twin">
        <summary>{c('values')}</summary>
        <div class="table tall" tabIndex={0} role="region" aria-label={c('trendTable', { name })}>
          <table>
            <caption>{c('trendTable', { name })}</caption>
            <thead><tr><th scope="col">{c('day')}</th><th scope="col">{c('low')}</th><th scope="col">{c('central')}</th><th scope="col">{c('high')}</th></tr></thead>
            <tbody>
              {[...points].reverse().map((p) => (
                <tr key={p.at}>
                  <th scope="row">{date(p.at)}</th>
                  {p.range
                    ? <><td>{write(p.range.low)}</td><td>{write(p.range.central)}</td><td>{write(p.range.high)}</td></>
                    : <td colSpan={3}>{c(p.status === 'withheld' ? 'withheld' : 'not_measured')}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

const readText = (p: Point, write: (x: number) => string): string =>
  `${date(p.at)}${lang.value === 'fr' ? '\u00a0: ' : ': '}${p.range ? `${write(p.range.central)} (${rangeText(p.range, write)})` : c(p.status === 'withheld' ? 'withheld' : 'not_measured')}`;

/** A mark of the axis, with the decimals that tell it from the next. */
function short(m: number, shares: boolean, span: number): string {
  const unit = shares ? 100 : 1;
  const digits = span * unit < 4 ? (span * unit < 0.4 ? 2 : 1) : 0;
  const text = Math.abs(m) >= 100_000 && !shares ? `${number(m / 1000)} k` : number(m * unit, digits);
  return shares ? `${text}${lang.value === 'en' ? '' : '\u00a0'}%` : localDigits(text);
}

type At = (v: number) => number;
const pair = (px: number, py: number) => `${px.toFixed(1)} ${py.toFixed(1)}`;

/** One day alone is drawn as a stroke, so that it is not lost. */
const HALF = 1.5;
export function bandPath(ranges: readonly Interval[], from: number, x: At, y: At): string {
  if (ranges.length === 1) {
    const [r] = ranges as [Interval];
    return `M${pair(x(from) - HALF, y(r.high))}H${(x(from) + HALF).toFixed(1)}V${y(r.low).toFixed(1)}H${(x(from) - HALF).toFixed(1)}Z`;
  }
  const over = ranges.map((r, i) => pair(x(from + i), y(r.high)));
  const under = ranges.map((r, i) => pair(x(from + i), y(r.low))).reverse();
  return `M${[...over, ...under].join('L')}Z`;
}
export function linePath(values: readonly number[], from: number, x: At, y: At): string {
  if (values.length === 1) return `M${pair(x(from) - HALF, y(values[0]!))}H${(x(from) + HALF).toFixed(1)}`;
  return `M${values.map((v, i) => pair(x(from + i), y(v))).join('L')}`;
}
export function gapsOf(points: readonly Point[]): [number, number][] {
  const out: [number, number][] = [];
  points.forEach((p, i) => {
    if (p.range) return;
    const before = out.at(-1);
    if (before && before[1] === i - 1) before[1] = i;
    else out.push([i, i]);
  });
  return out;
}
