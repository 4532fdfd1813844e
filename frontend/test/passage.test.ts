import { afterEach, describe, expect, it } from 'vitest';
import { severity } from '../src/describe';
import type { PassageAnswer, Properties } from '../src/model';
import { project } from '../src/map/projection';
import { answer, atKm, clear, click, ends, fold, haitiTime, readEnd, readPoint } from '../src/passage';
import { stepped } from '../src/panel/timebar';

afterEach(clear);

describe('end points', () => {
  it.each([
    ['-72.34 18.54', [-72.34, 18.54]], ['-72,34; 18,54', [-72.34, 18.54]], [' -72.34, 18.54 ', [-72.34, 18.54]],
    ['18.54 -72.34', null], ['-72.34', null], ['abc', null], ['-72.34 48.5', null], ['', null],
  ])('reads %j', (text, want) => expect(readPoint(text)).toEqual(want));
  it('finds a town in French and in Kreyòl, without accents', () => {
    expect(readEnd('cap haitien')?.at).toEqual(readEnd('Okap')?.at);
    expect(readEnd('gonaïves')?.name).toBe('Gonaïves');
    expect(readEnd('port')).toBeNull(); // two towns begin so
    expect(readEnd('nowhere')).toBeNull();
  });
  it('folds', () => expect(fold('L’Estère – Pont-Sondé')).toBe('l estere pont sonde'));
  it('takes a third click for a new start', () => {
    click([-72.3, 18.5]);
    expect(ends.value).toMatchObject({ from: { at: [-72.3, 18.5] }, to: null });
    ends.value = { ...ends.value, to: { at: [-72.5, 18.5], name: null } };
    click([-72.4, 18.6]);
    expect(ends.value).toEqual({ from: { at: [-72.4, 18.6], name: null }, to: null });
    expect(answer.value).toBeNull();
  });
});

describe('time', () => {
  it('reads the wall clock of Haiti', () => {
    expect(haitiTime('2026-01-15T07:30')).toBe('2026-01-15T12:30:00Z');
    expect(haitiTime('2026-07-15T07:30')).toBe('2026-07-15T11:30:00Z');
  });
  it('steps by day, week and month, from the end of a month too', () => {
    const day = (iso: string) => (Date.parse(`${iso}T00:00:00Z`) - Date.parse('2021-06-01T00:00:00Z')) / 86_400_000;
    expect(stepped(day('2024-03-01'), -1, 'day')).toBe(day('2024-02-29'));
    expect(stepped(day('2024-03-01'), 1, 'week')).toBe(day('2024-03-08'));
    expect(stepped(day('2024-03-31'), -1, 'month')).toBe(day('2024-02-29'));
    expect(stepped(day('2024-12-31'), 1, 'month')).toBe(day('2025-01-31'));
  });
});

it('finds a kilometre on the line', () => {
  const a = { geometry: { type: 'LineString', coordinates: [[-72.4, 18.5], [-72.3, 18.5]] }, length_m: 10_000 } as PassageAnswer;
  const mid = atKm(a, 5)!;
  expect(mid.x).toBeCloseTo(project([-72.35, 18.5]).x, 6);
  expect(atKm({ ...a, geometry: null }, 5)).toBeNull();
});

it('ranks unknown with bad, never with good', () => {
  const f = (properties: Properties) => ({ type: 'Feature' as const, id: '1', geometry: null, properties });
  const zone = (control_type: string) => severity('controlled-zones', f({ control_type }), 0);
  expect(zone('unknown')).toBeGreaterThan(zone('state_held'));
  const road = (status: string | null) => severity('national-roads', f({ status }), 0);
  expect(road(null)).toBe(road('unknown'));
  expect(road('unknown')).toBeGreaterThan(road('open'));
  expect(severity('roadblocks', f({ state: 'cleared' }), 0)).toBeLessThan(severity('roadblocks', f({ state: 'reported' }), 0));
});
