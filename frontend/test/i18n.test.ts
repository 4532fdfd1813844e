import { afterEach, describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
import { fr } from '../src/i18n/fr';
import { ht } from '../src/i18n/ht';
import { fill, lang, word } from '../src/i18n/index';
import { age, area, date, dateTime, distance, isoDay, number, percent } from '../src/i18n/format';
import { advices, controlTypes, profiles, roadStatuses, vehicles } from '../src/model';

const holes = (s: string) => [...new Set(s.match(/\{\w+\}/g) ?? [])].sort();

describe('dictionaries', () => {
  it.each([['ht', ht], ['en', en]] as const)('%s has the keys and the holes of French', (_, other) => {
    expect(Object.keys(other).sort()).toEqual(Object.keys(fr).sort());
    for (const [key, french] of Object.entries(fr)) expect(holes(other[key as keyof typeof fr]), key).toEqual(holes(french));
  });
  it('says nothing twice by mistake: Kreyòl is not English', () => {
    const same = Object.keys(fr).filter((k) => ht[k as keyof typeof fr] === en[k as keyof typeof fr] && /[a-z]{5}/.test(en[k as keyof typeof fr]));
    expect(same.length).toBeLessThan(12);
  });
  it.each([['fr', fr], ['ht', ht], ['en', en]] as const)('%s never promises that a way is without danger', (_, words) => {
    for (const text of Object.values(words)) expect(text).not.toMatch(/\bsafe|\bsûre?s?\b|sans danger|san danje/i);
  });
  it('has a word for every value that decides something', () => {
    for (const [group, values] of Object.entries({ control: controlTypes, status: roadStatuses, advice: advices, vehicle: vehicles, profile: profiles })) {
      for (const value of values) expect(`${group}.${value}` in fr, `${group}.${value}`).toBe(true);
    }
    expect(word('subtype', 'something_new')).toBe('something new');
  });
});

describe('fill', () => {
  it('counts as each language does', () => {
    expect(fill('{n} zone|{n} zones', { n: 0 }, 'fr')).toBe('0 zone');
    expect(fill('{n} zone|{n} zones', { n: 2 }, 'fr')).toBe('2 zones');
    expect(fill('{n} zone|{n} zones', { n: 0 }, 'en')).toBe('0 zones');
    expect(fill('{n} zone|{n} zones', { n: 1 }, 'en')).toBe('1 zone');
    expect(fill('{n} zòn', { n: 5 }, 'ht')).toBe('5 zòn');
  });
  it('keeps an unknown hole and does not fill values again', () => {
    expect(fill('{a} {b}', { a: '{b}' }, 'fr')).toBe('{b} {b}');
  });
});

describe('Kreyòl forms, which no browser has', () => {
  afterEach(() => { lang.value = 'fr'; });
  it.each([
    [1234567.8, 1, '1\u202f234\u202f567,8'], [-0.04, 1, '0,0'], [-1234, 0, '-1\u202f234'], [999, 0, '999'], [0.5, 2, '0,50'], [Number.NaN, 0, '–'],
  ])('writes %d with %d digits as %s', (value, digits, want) => expect(number(value, digits, 'ht')).toBe(want));
  it('writes dates', () => {
    expect(date('2026-11-22T12:00:00Z', 'ht')).toBe('22 nov. 2026');
    expect(date('2025-08-01T12:00:00Z', 'ht', true)).toBe('1 out 2025');
    expect(dateTime('2026-01-05T15:30:00Z', 'ht')).toBe('5 jan. 2026, 10:30');
    expect(date('nonsense', 'ht')).toBe('–');
  });
  it('writes shares and ages', () => {
    lang.value = 'ht';
    expect(percent(0.123)).toBe('12\u00a0%');
    expect(percent(0.0456)).toBe('4,6\u00a0%');
    expect(distance(67300)).toBe('67,3\u00a0km');
    expect(area(2359.3)).toBe('2\u202f359\u00a0km²');
  });
});

describe('clock and ages', () => {
  it('uses the time of Haiti, daylight saving included', () => {
    expect(dateTime('2026-07-01T03:30:00Z', 'fr')).toContain('23:30');
    expect(dateTime('2026-01-01T03:30:00Z', 'fr')).toContain('22:30');
    expect(isoDay(Date.parse('2026-07-01T03:30:00Z'))).toBe('2026-06-30');
  });
  it.each([[0, 'à l’instant'], [0.5, 'il y a 30 min'], [12.5, 'il y a 12 h'], [49, 'il y a 2 jours'], [24 * 400, 'il y a 13 mois'], [24 * 800, 'il y a 2 ans'], [-5, 'plus tard'], [null, 'inconnu']])(
    'says %s hours as %s', (hours, want) => expect(age(hours)).toBe(want),
  );
});
