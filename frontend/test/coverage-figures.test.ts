import { describe, expect, it } from 'vitest';
import {
  AFFECTED, baselineOn, blindCommunes, changeTypes, controlRows, lineKey, pointsOf, refusal, roadParts, rowWith, runs, ticks, waterfall, workingParts,
} from '../src/coverage/figures';
import type { Interval, Line, Status, Value } from '../src/coverage/model';

const range = (low: number, central: number, high: number): Interval => ({ low, central, high });
const value = (indicator: string, of: Record<string, string>, amount: Interval | null, more: Partial<Value> = {}): Value => ({
  indicator, formula: `${indicator}/1`, of, area: 'HT', level: 'country', datetime: '2024-09-01T17:00:00Z', revision: 7, audience: 'sec',
  status: amount ? 'assessed' : 'not_measured', unit: 'km2', amount, share: null, denominator: null, n: 1, confidence: null, ...more,
});

describe('rows', () => {
  const values = [
    value('T1', { control_type: 'controlled' }, range(1, 2, 3)), value('T1', { control_type: 'recovered' }, range(0, 0, 0)),
    value('T1', { control_type: 'unknown' }, range(0, 0, 0)), value('T1', { control_type: 'unassessed' }, range(8, 9, 10)),
    value('T1', { control_type: AFFECTED }, range(1, 2, 4)), value('T1', { group: '400-mawozo' }, range(0, 1, 2)),
  ];
  it('are found by exactly their words', () => {
    expect(rowWith(values, 'T1', { control_type: AFFECTED })?.amount?.high).toBe(4);
    expect(rowWith(values, 'T1')).toBeNull();
  });
  it('by type leave out what is nowhere, but never what nobody knows or assessed', () => {
    expect(controlRows(values).map((v) => v.of!['control_type'])).toEqual(['controlled', 'unknown', 'unassessed']);
  });
  it('speak for the whole only when none of them is assessed', () => {
    expect(refusal(values, 'T1')).toBeNull();
    expect(refusal([value('X1', {}, null)], 'X1')?.status).toBe('not_measured');
    expect(refusal([], 'X1')).toBeNull();
  });
});

describe('roads', () => {
  const road = (of: Record<string, string>, central: number, status?: Status) => value('R1', of, status ? null : range(0, central, 40), { unit: 'km', ...(status ? { status } : {}) });
  it('come in the order of their numbers, the whole first', () => {
    const roads = roadParts([
      road({ measure: 'length', ref: 'RN10' }, 5), road({ status: 'unknown', ref: 'RN10' }, 5),
      road({ measure: 'length', ref: 'RN2' }, 25), road({ status: 'closed', ref: 'RN2' }, 3), road({ status: 'unknown', ref: 'RN2' }, 22),
      road({ measure: 'length' }, 30), road({ status: 'open' }, 0), road({ status: 'closed' }, 3), road({ status: 'unknown' }, 27),
    ]);
    expect(roads.map((r) => r.ref)).toEqual(['', 'RN2', 'RN10']);
    expect(roads[1]!.parts).toMatchObject({ total: 25, part: { open: 0, restricted: 0, closed: 3, unknown: 22 } });
  });
  it('count as unknown what no row answers for, never as open', () => {
    const [road1] = roadParts([road({ measure: 'length', ref: 'RN1' }, 10), road({ status: 'closed', ref: 'RN1' }, 4), road({ status: 'open', ref: 'RN1' }, 0, 'withheld')]);
    expect(road1!.parts.part).toEqual({ open: 0, restricted: 0, closed: 4, unknown: 6 });
  });
  it('are nothing where the status is withheld', () => {
    expect(roadParts([road({ measure: 'length' }, 10), road({ measure: 'status' }, 0, 'withheld')])).toEqual([]);
  });
});

it('facilities by functioning add up to those on record', () => {
  const whole = { denominator: { name: {}, amount: 12, unit: 'count' }, unit: 'count' };
  const parts = workingParts([
    value('L1', {}, range(0, 2, 12), whole), value('L1', { status: 'full' }, range(0, 1, 1), whole), value('L1', { status: 'none' }, range(0, 2, 12), whole),
    value('L1', { status: 'none', status_reason: 'burned' }, range(2, 2, 2), whole),
  ], 'L1');
  expect(parts).toMatchObject({ total: 12, part: { full: 1, partial: 0, none: 2, unknown: 9 } });
});

describe('blind communes', () => {
  it('are read from their row', () => {
    const row = value('Q3', { window: '7d', of: 'blind', communes: 'HT0111,HT0112' }, range(2, 2, 2), { denominator: { name: {}, amount: 8, unit: 'count' } });
    expect(blindCommunes([row])).toMatchObject({ pcodes: ['HT0111', 'HT0112'], of: 8 });
    expect(blindCommunes([{ ...row, of: { of: 'blind', communes: '' } }])?.pcodes).toEqual([]);
  });
  it('are not known where they are withheld', () => expect(blindCommunes([value('Q3', { of: 'blind' }, null, { status: 'withheld' })])).toBeNull());
});

describe('waterfall', () => {
  const part = (name: string, amount: Interval | null, type = AFFECTED, days = '7') => value('T2', { days, part: name, control_type: type }, amount);
  const values = [
    part('total', range(1, 2.9, 4)), part('situation', range(0, 2.4, 3)), part('revision', range(0, 0.7, 1)), part('expiry', range(1, -0.2, 0)),
    part('renewed', range(0, 1, 1)), part('situation', range(0, 9, 9), 'controlled'), part('situation', range(0, 8, 9), AFFECTED, '30'),
  ];
  it('goes part after part from nothing to the total', () => {
    const fall = waterfall(values, 7, AFFECTED)!;
    expect(fall.steps.map((s) => s.part)).toEqual(['situation', 'late_information', 'expiry']);
    expect(fall.steps[0]!.from).toBe(0);
    for (const [i, step] of fall.steps.entries()) expect(step.from).toBe(i === 0 ? 0 : fall.steps[i - 1]!.to);
    expect(fall.steps.at(-1)!.to).toBeCloseTo(fall.change!, 9);
    expect(fall).toMatchObject({ change: 2.9, low: 0 });
    expect(fall.high).toBeCloseTo(3.1, 9);
  });
  it('adds up for any parts', () => {
    for (let x = 7, n = 0; n < 200; n++) {
      const parts = Array.from({ length: 3 }, () => { x = (x * 1664525 + 1013904223) % 4294967296; return Math.round(x / 4000) / 1e6 - 500_000 / 1e6; }) as [number, number, number];
      const sum = parts[0] + parts[1] + parts[2];
      const fall = waterfall([part('total', range(sum, sum, sum)), ...(['situation', 'revision', 'expiry'] as const).map((p, i) => part(p, range(0, parts[i]!, 0)))], 7, AFFECTED)!;
      expect(fall.steps.at(-1)!.to).toBeCloseTo(fall.change!, 9);
      for (const s of fall.steps) expect(Math.min(s.from, s.to) >= fall.low && Math.max(s.from, s.to) <= fall.high).toBe(true);
    }
  });
  it('has no total and no zero where a part is not measured', () => {
    const fall = waterfall([part('total', null), part('situation', range(0, 2, 3)), part('revision', null), part('expiry', range(0, 0, 0))], 7, AFFECTED)!;
    expect(fall.change).toBeNull();
    expect(fall.steps.map((s) => s.change)).toEqual([2, null, 0]);
  });
  it('is asked for by type, the sum of the affected ones first', () => {
    expect(changeTypes([part('total', null, 'controlled'), ...values])).toEqual([AFFECTED, 'controlled']);
    expect(waterfall(values, 1, AFFECTED)).toBeNull();
  });
});

describe('a line over time', () => {
  const datetimes = ['2024-08-30T17:00:00Z', '2024-08-31T17:00:00Z', '2024-09-01T17:00:00Z'];
  const line = (points: Line['points'], more: Partial<Line> = {}): Line => ({ of: { control_type: 'controlled' }, area: 'HT', unit: 'km2', denominator: null, points, ...more });
  const there = { amount: range(1, 2, 3), share: range(0.1, 0.2, 0.3), n: 1 };
  const gone = { status: 'withheld' as const, amount: null, share: null, n: 0 };
  it('is of shares where there are any, and breaks where there is no figure', () => {
    const { points, shares } = pointsOf(line([there, gone, there]), datetimes);
    expect(shares).toBe(true);
    expect(points.map((p) => p.range?.central ?? p.status)).toEqual([0.2, 'withheld', 0.2]);
    expect(runs(points).map((r) => [r.from, r.points.length])).toEqual([[0, 1], [2, 1]]);
  });
  it('is of amounts where a share has no meaning', () => {
    expect(pointsOf(line([{ ...there, share: null }, there, there]), datetimes)).toMatchObject({ shares: false });
    expect(pointsOf(line([gone, gone, gone]), datetimes).points.every((p) => p.range === null)).toBe(true);
  });
  it('is known by its words in any order', () => {
    expect(lineKey(line([], { of: { a: '1', b: '2' } }))).toBe(lineKey(line([], { of: { b: '2', a: '1' } })));
  });
  const baseline = (b: number, unit: string, text = '') => ({ text, qualifier: 'exactly', value: b, unit, date: '2024-12-31', source: '', arrow: 'unknown' as const });
  it.each([
    ['a percentage on a line of shares', baseline(40, '% of the electorate', '> 40 %'), true, 0.4],
    ['the share that the source gives', baseline(67, 'facilities', '67/412 = 16.3 %'), true, 0.163],
    ['no share that the source does not give', baseline(4, 'crossings', '4/80+'), true, null],
    ['a number on a line of numbers', baseline(67, 'facilities', '67/412 = 16.3 %'), false, 67],
    ['no percentage on a line of numbers', baseline(40, '%', '40 %'), false, null],
  ])('has %s', (_, b, shares, want) => expect(baselineOn({ baseline: b }, shares)).toBe(want));
});

describe('marks of an axis', () => {
  it.each([[0, 0.075], [0.9, 1], [0, 0], [3, 3], [-2, 5], [0.7001, 0.7002], [0, 1e6]])('span %d to %d', (low, high) => {
    const marks = ticks(low, high);
    expect(marks[0]!).toBeLessThanOrEqual(low);
    expect(marks.at(-1)!).toBeGreaterThanOrEqual(high);
    expect(marks.length).toBeGreaterThan(1);
    expect(marks.length).toBeLessThan(9);
    for (let i = 1; i < marks.length; i++) expect(marks[i]!).toBeGreaterThan(marks[i - 1]!);
  });
  it('begin at zero unless the values lie in the upper part', () => {
    expect(ticks(1, 10)[0]).toBe(0);
    expect(ticks(0.9, 1)[0]).toBeGreaterThan(0.5);
    expect(ticks(0, 0)[0]).toBe(0);
  });
});
