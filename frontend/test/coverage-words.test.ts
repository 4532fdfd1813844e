import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { bandPath, gapsOf, linePath } from '../src/coverage/trend';
import { causeText, changeTitle, kindText } from '../src/coverage/change-words';
import { csvPath, daysBefore } from '../src/coverage/ask';
import { heldOf, unknownOf } from '../src/coverage/facilities';
import { isReleased } from '../src/coverage/released';
import type { Change, ExposedType, Value } from '../src/coverage/model';
import { amountText, changeText, localDigits, mainFigure, rowName, traceText, wholeText } from '../src/coverage/text';
import { sources } from '../src/coverage/value';
import { en } from '../src/coverage/words/en';
import { fr } from '../src/coverage/words/fr';
import { ht } from '../src/coverage/words/ht';
import { readWords } from '../src/coverage/words';
import { setLanguage } from '../src/i18n';
import type { Lang } from '../src/urlstate';

beforeAll(() => { vi.stubGlobal('document', { documentElement: { lang: '' } }); });
afterEach(() => speak('fr'));
afterAll(() => { vi.unstubAllGlobals(); });
const speak = async (language: Lang) => { await setLanguage(language); await readWords(); };
const plain = (s: string) => s.replace(/[\u00a0\u202f]/g, ' ');
const holes = (s: string) => [...new Set(s.match(/\{\w+\}/g) ?? [])].sort();
type Key = keyof typeof fr;

describe('dictionaries of coverage', () => {
  it.each([['ht', ht], ['en', en]] as const)('%s has the keys and the holes of French', (_, other) => {
    expect(Object.keys(other).sort()).toEqual(Object.keys(fr).sort());
    for (const [key, french] of Object.entries(fr)) expect(holes(other[key as Key]), key).toEqual(holes(french));
  });
  it('are not in each other’s language', () => {
    const same = (Object.keys(fr) as Key[]).filter((k) => ht[k] === en[k] && /[a-z]{5}/.test(en[k].replace(/\{\w+\}/g, '')));
    expect(same).toEqual([]);
  });
  it.each([['fr', fr], ['ht', ht], ['en', en]] as const)('%s never promises that ground is without danger', (_, words) => {
    for (const text of Object.values(words)) expect(text).not.toMatch(/\bsafe|\bsûre?s?\b|sans danger|san danje/i);
  });
  it('have a word for every kind and cause of change', () => {
    for (const kind of ['gained', 'lost', 'transferred', 'reclassified', 'renewed', 'downgraded', 'expired', 'learned_late', 'withdrawn', 'corrected']) expect(`kind.${kind}` in fr, kind).toBe(true);
    for (const cause of ['situation', 'revision', 'expiry']) expect(`cause.${cause}` in fr, cause).toBe(true);
    expect(kindText('something_new')).toBe('something new');
    expect(causeText('something_new')).toBe('something new');
  });
});

describe('amounts', () => {
  it.each([
    [25.94, 'km2', '25,9 km²'], [0, 'km2', '0 km²'], [2350.2, 'km2', '2 350 km²'], [3.24, 'km', '3,2 km'], [10455, 'people', '10 455 personnes'], [1, 'people', '1 personne'],
    [0.036, 'share', '3,6 %'], [12, 'count', '12'], [2000, 'HTG', '2 000 HTG'], [0.41, 'rate', '0,41'], [36, 'h', '36 h'],
  ])('writes %d %s as %s', (x, unit, want) => expect(plain(amountText(x, unit))).toBe(want));
  it('writes Kreyòl in the digits of French and English in its own', async () => {
    await speak('ht');
    expect(plain(amountText(10455.4, 'people'))).toBe('10 455 moun');
    expect(plain(amountText(25.94, 'km2'))).toBe('25,9 km²');
    await speak('en');
    expect(plain(amountText(10455, 'people'))).toBe('10,455 people');
  });
  it.each([[2.4, '+2,4 km²'], [-0.2, '−0,2 km²'], [0, '0 km²'], [0.01, '< 0,1 km²'], [-0.01, '< 0,1 km²']])('writes a change of %d as %s', (x, want) => expect(plain(changeText(x, 'km2'))).toBe(want));
  it('turns the digits of a baseline', async () => {
    expect(plain(localDigits('67/412 = 16.3 %'))).toBe('67/412 = 16,3 %');
    expect(plain(localDigits('1,000+'))).toBe('1 000+');
    await speak('en');
    expect(localDigits('67/412 = 16.3 %')).toBe('67/412 = 16.3 %');
  });
});

describe('a figure', () => {
  const figure: Value = {
    indicator: 'T1', formula: 'T1/1', of: { control_type: 'controlled' }, area: 'HT', level: 'country', datetime: '', revision: 7, audience: 'sec', status: 'assessed', unit: 'km2',
    amount: { low: 0, central: 25.9, high: 54.5 }, share: { low: 0, central: 0.036, high: 0.075 },
    denominator: { name: { fr: 'Zone métropolitaine : somme de ses 8 communes' }, amount: 727.6, unit: 'km2', source: 'COD-AB; IHSI' }, n: 17, confidence: 0.3, confidence_label: 'low',
  };
  it('is printed with its range, its amount and its denominator', () => {
    expect(plain(JSON.stringify(mainFigure(figure)))).toContain('"central":"3,6 %","range":"0 % – 7,5 %","other":"25,9 km² (0 km² – 54,5 km²)"');
    expect(plain(wholeText(figure.denominator!))).toBe('sur 728 km² — Zone métropolitaine : somme de ses 8 communes');
    expect(traceText(figure)).toBe('confiance faible · 17 objets');
    expect(sources([figure, figure])).toEqual(['COD-AB', 'IHSI']);
  });
  it.each(['withheld', 'not_measured'] as const)('that is %s has no number', (status) => {
    expect(mainFigure({ ...figure, status })).toBeNull();
    expect(mainFigure({ ...figure, status, amount: null, share: null })).toBeNull();
  });
  it('without doubt has no range', () => expect(mainFigure({ ...figure, share: null, amount: { low: 8, central: 8, high: 8 } })?.range).toBe(''));
  it.each([
    [{ control_type: 'controlled+contested+influenced' }, 'sous contrôle, contesté ou sous influence'], [{ control_type: 'unassessed' }, 'non évalué'],
    [{ status: 'closed', ref: 'RN2' }, 'fermée · RN2'], [{ status: 'none' }, 'hors service'], [{ measure: 'length' }, 'longueur totale'], [{}, 'ensemble'],
    [{ asset: 'port', code: 'port-apn', id: 'bf643d00', name: 'Port international', reachable: 'no', functioning: 'unknown' }, 'Port international · joignable : non · en service : inconnu'],
    [{ control_type: 'contested', days: '7', part: 'revision' }, 'contesté · sur 7 jours · information tardive'], [{ measure: 'received', window: '24h' }, 'reçus · 24 h'],
    [{ window: '7d', per: '100000 people' }, '7 j · pour 100 000 habitants'], [{ subject: 'zones', confidence: 'high' }, 'zones · confiance élevée'], [{ of: 'controlled', within_m: '500' }, 'à moins de 500 m d’un terrain contrôlé'], [{ new_word: 'some_value' }, 'some value'],
  ])('is named by %j', (of, want) => expect(plain(rowName(of as Record<string, string>))).toBe(want));
});

describe('a change', () => {
  const change = (from: string | null, to: string | null): Change => ({
    geometry: null,
    properties: { kind: 'gained', cause: 'revision', areas: ['HT0116'], km2: 2, ids: [], confidence: null, from: from ? { control_type: from, groups: [] } : null, to: to ? { control_type: to, groups: ['400-mawozo'] } : null },
  });
  it('says from what to what; ground that nothing names was not assessed', () => {
    expect(changeTitle(change(null, 'controlled'))).toBe('gagné · non évalué → sous contrôle, 400 mawozo');
    expect(causeText('revision')).toBe('information tardive');
  });
});

describe('the line', () => {
  const same = (v: number) => v;
  it('is drawn as a stroke where one day stands alone', () => {
    expect(linePath([5], 2, same, same)).toBe('M0.5 5.0H3.5');
    expect(linePath([5, 6], 2, same, same)).toBe('M2.0 5.0L3.0 6.0');
    expect(bandPath([{ low: 1, central: 2, high: 3 }, { low: 2, central: 3, high: 4 }], 0, same, same)).toBe('M0.0 3.0L1.0 4.0L1.0 2.0L0.0 1.0Z');
  });
  it('has its gaps hatched, each as one', () => {
    const p = (there: boolean) => ({ at: '', status: 'assessed' as const, range: there ? { low: 0, central: 0, high: 0 } : null });
    expect(gapsOf([p(false), p(true), p(false), p(false)])).toEqual([[0, 0], [2, 3]]);
  });
});

it('asks for the CSV of exactly what is shown', () => {
  expect(csvPath('ZMPP-admin', '2024-09-01T17:00:00Z', 7, 'fr')).toBe('/v1/coverage/values?area=ZMPP-admin&datetime=2024-09-01T17%3A00%3A00Z&asof=7&lang=fr&f=csv');
  expect(daysBefore('2024-03-01T17:00:00Z', 90)).toBe('2023-12-02T17:00:00Z');
});

it('counts ground that is not assessed as unknown', () => {
  const type = { contexts: [{ of: 'controlled', central: 2 }, { of: 'state_held', central: 5 }, { of: 'unknown', central: 1 }, { of: 'unassessed', central: 4 }] } as ExposedType;
  expect([heldOf(type), unknownOf(type)]).toEqual([2, 5]);
  expect([heldOf({ contexts: null } as ExposedType)]).toEqual([0]);
});

it('tells a release from what is not released', () => {
  expect(isReleased({ released_at: '2026-11-23T10:30:00Z', areas: [] } as never)).toBe(true);
  expect(isReleased({ revision: 7, audience: 'public', areas: [] })).toBe(false);
});
