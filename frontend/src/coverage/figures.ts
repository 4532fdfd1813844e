// Reading figures: which rows of an answer are meant, how a change adds up, what a scale shows.
// Nothing here draws, and nothing turns a figure that is not there into a zero.
import type { Interval, Line, Status, Value } from './model';

export const AFFECTED = 'controlled+contested+influenced';
export const UNASSESSED = 'unassessed';
export const CHANGE_DAYS = [1, 7, 30] as const;
export const roadStates = ['open', 'restricted', 'closed', 'unknown'] as const;
export const workings = ['full', 'partial', 'none', 'unknown'] as const;

/** Rows of an indicator whose words are exactly these. */
export function rowsWith(values: readonly Value[], indicator: string, of: Record<string, string> = {}): Value[] {
  const wanted = Object.entries(of);
  return values.filter((v) => {
    const have = v.of ?? {};
    return v.indicator === indicator && Object.keys(have).length === wanted.length && wanted.every(([k, word]) => have[k] === word);
  });
}
export const rowWith = (values: readonly Value[], indicator: string, of: Record<string, string> = {}): Value | null => rowsWith(values, indicator, of)[0] ?? null;

/** The row that speaks for an indicator as a whole because it is withheld or not measured. */
export const refusal = (values: readonly Value[], indicator: string): Value | null => {
  const rows = values.filter((v) => v.indicator === indicator);
  return rows.length > 0 && rows.every((v) => v.status !== 'assessed') ? rows[0]! : null;
};

/** Rows by control type in the order of the answer; what nobody knows or assessed is always among them. */
export function controlRows(values: readonly Value[], indicator = 'T1'): Value[] {
  return values.filter((v) => v.indicator === indicator && v.of?.['control_type'] && v.of['control_type'] !== AFFECTED && Object.keys(v.of).length === 1)
    .filter((v) => isUnknown(v) || v.status !== 'assessed' || (v.amount?.high ?? 0) > 0);
}
export const isUnknown = (v: Value): boolean => ['unknown', UNASSESSED].includes(v.of?.['control_type'] ?? v.of?.['status'] ?? '');

/** A whole cut into parts by their central amounts; null where a part of them is not assessed. */
export interface Parts { total: number; part: Record<string, number>; unit: string; values: Record<string, Value> }

export function partsOf(rows: readonly (Value | null)[], key: string, names: readonly string[], total: number | null): Parts | null {
  const values: Record<string, Value> = {};
  for (const row of rows) {
    const name = row?.of?.[key];
    if (row && name && names.includes(name) && row.status === 'assessed' && row.amount) values[name] = row;
  }
  const part = Object.fromEntries(names.map((n) => [n, Math.max(0, values[n]?.amount?.central ?? 0)]));
  const sum = names.reduce((s, n) => s + part[n]!, 0);
  const whole = total ?? sum;
  if (!(whole > 0) || Object.keys(values).length === 0) return null;
  // What the rows leave open is unknown, never open or working.
  const last = names.at(-1)!;
  if (whole > sum) part[last] = part[last]! + whole - sum;
  return { total: Math.max(whole, sum), part, unit: Object.values(values)[0]!.unit, values };
}

/** R1 of the whole area (ref "") and of each road, in the order of their numbers. */
export function roadParts(values: readonly Value[]): { ref: string; parts: Parts }[] {
  const rows = values.filter((v) => v.indicator === 'R1');
  const refs = [...new Set(rows.map((v) => v.of?.['ref'] ?? ''))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return refs.flatMap((ref) => {
    const mine = rows.filter((v) => (v.of?.['ref'] ?? '') === ref);
    const length = mine.find((v) => v.of?.['measure'] === 'length')?.amount?.central ?? null;
    const parts = partsOf(mine, 'status', roadStates, length);
    return parts ? [{ ref, parts }] : [];
  });
}

/** Facilities by whether they work, of all types together. */
export function workingParts(values: readonly Value[], indicator: string): Parts | null {
  const rows = values.filter((v) => v.indicator === indicator && v.of?.['status'] && Object.keys(v.of).length === 1);
  return partsOf(rows, 'status', workings, rows[0]?.denominator?.amount ?? null);
}

/** Communes without an observation, as p-codes; null where nobody may tell. */
export function blindCommunes(values: readonly Value[]): { pcodes: string[]; of: number; value: Value } | null {
  const value = values.find((v) => v.indicator === 'Q3' && v.of?.['of'] === 'blind');
  if (!value || value.status !== 'assessed') return null;
  return { pcodes: (value.of?.['communes'] ?? '').split(',').filter(Boolean), of: value.denominator?.amount ?? 0, value };
}

export const changeParts = ['situation', 'late_information', 'expiry'] as const;
export type ChangePart = (typeof changeParts)[number];
const partNames: Record<string, ChangePart | 'total' | 'renewed'> = {
  situation: 'situation', revision: 'late_information', late_information: 'late_information', expiry: 'expiry', total: 'total', renewed: 'renewed',
};

export interface Step { part: ChangePart; value: Value | null; change: number | null; from: number; to: number }
export interface Waterfall { steps: Step[]; total: Value | null; change: number | null; low: number; high: number; unit: string }

/** Control types that a change is told for, the sum of the affected ones first. */
export const changeTypes = (values: readonly Value[]): string[] =>
  [...new Set(values.filter((v) => v.indicator === 'T2').map((v) => v.of?.['control_type'] ?? ''))].filter(Boolean)
    .sort((a, b) => Number(b === AFFECTED) - Number(a === AFFECTED));

/**
 * The change of central km² over some days, part after part, each where the one before ended. A
 * part that is not measured moves nothing and is drawn as a gap, and then there is no total.
 */
export function waterfall(values: readonly Value[], days: number, controlType: string): Waterfall | null {
  const rows = values.filter((v) => v.indicator === 'T2' && v.of?.['days'] === String(days) && v.of['control_type'] === controlType);
  if (rows.length === 0) return null;
  const find = (part: string) => rows.find((v) => partNames[v.of?.['part'] ?? ''] === part) ?? null;
  const known = (v: Value | null) => (v?.status === 'assessed' && v.amount ? v.amount.central : null);
  let at = 0;
  const steps = changeParts.map((part): Step => {
    const value = find(part);
    const change = known(value);
    const from = at;
    at += change ?? 0;
    return { part, value, change, from, to: at };
  });
  const total = find('total');
  const ends = [0, known(total) ?? 0, ...steps.flatMap((s) => [s.from, s.to])];
  return { steps, total, change: known(total), low: Math.min(...ends), high: Math.max(...ends), unit: rows.find((v) => v.amount)?.unit ?? 'km2' };
}

/** One day of a line: the interval, or null where there is no figure. */
export interface Point { at: string; range: Interval | null; status: Status }

export const lineKey = (line: Line): string => JSON.stringify(Object.entries(line.of ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A line of shares where every day that has a figure has one, else of amounts. */
export function pointsOf(line: Line, datetimes: readonly string[]): { points: Point[]; shares: boolean } {
  const told = line.points.filter((p) => p.amount);
  const shares = told.length > 0 && told.every((p) => p.share);
  return {
    shares,
    points: datetimes.map((at, i) => {
      const p = line.points[i];
      return { at, status: p?.status ?? (p?.amount ? 'assessed' : 'not_measured'), range: (shares ? p?.share : p?.amount) ?? null };
    }),
  };
}

/** Runs of points that follow each other without a gap. */
export function runs(points: readonly Point[]): { from: number; points: (Point & { range: Interval })[] }[] {
  const out: { from: number; points: (Point & { range: Interval })[] }[] = [];
  let open = false;
  points.forEach((p, i) => {
    if (!p.range) { open = false; return; }
    if (!open) out.push({ from: i, points: [] });
    open = true;
    out.at(-1)!.points.push(p as Point & { range: Interval });
  });
  return out;
}

/** Round marks that span the values: from zero, unless the values move in the upper part alone. */
export function ticks(low: number, high: number, most = 4): number[] {
  let from = low >= 0 && low < high * 0.6 ? 0 : low;
  let to = high;
  if (!(to > from)) { const half = Math.abs(to) * 0.1 || 1; from = Math.max(low >= 0 ? 0 : -Infinity, from - half); to += half; }
  const rough = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((f) => f * power).find((s) => s >= rough * 0.999)!;
  const first = Math.floor(from / step + 1e-9);
  const last = Math.ceil(to / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * Where a dated baseline lies on a line, or null where it counts something else. On a line of
 * shares it is the share that the source gives, such as 67/412 = 16.3 %: what is on record may be
 * a sample, of which 67 would be another share.
 */
export function baselineOn({ baseline: b }: Pick<Line, 'baseline'>, shares: boolean): number | null {
  if (!b || !Number.isFinite(b.value)) return null;
  const percent = b.unit.startsWith('%');
  if (!shares) return percent ? null : b.value;
  if (percent) return b.value / 100;
  const said = /[=≈] (\d+(?:\.\d+)?)\s?%/.exec(b.text);
  return said ? Number(said[1]) / 100 : null;
}
