// Figures in words: amounts with their unit, rows by their names, ranges, what they rest on.
import { groupName } from '../describe';
import { hasWord, lang, t, text3, word } from '../i18n';
import { area, date, number, percent } from '../i18n/format';
import type { Text3 } from '../model';
import { AFFECTED, UNASSESSED } from './figures';
import type { Comparison, Interval, Value, Whole } from './model';
import { c, hasKey, type Key } from './words';

const NO_BREAK = '\u00a0';
const MINUS = '\u2212';

/** An amount with its unit, as precise as it can be read. */
export function amountText(x: number, unit: string): string {
  const digits = Number.isInteger(x) || Math.abs(x) >= 100 ? 0 : 1;
  switch (unit) {
    case 'km2': return x === 0 ? `0${NO_BREAK}km²` : area(x);
    case 'km': return `${number(x, digits)}${NO_BREAK}km`;
    case 'people': return c('unit.people', { n: number(Math.round(x)), count: Math.round(x) });
    case 'share': return percent(x);
    case 'h': return c('unit.h', { n: number(x, digits) });
    case 'd': return c('unit.d', { n: number(x, digits), count: x });
    case 'HTG': return `${number(Math.round(x))}${NO_BREAK}HTG`;
    case 'rate': return number(x, Math.abs(x) < 10 ? 2 : 1);
    default: return number(x, Number.isInteger(x) ? 0 : 1);
  }
}

/** A change with its sign; what rounds to nothing has none. */
export function changeText(x: number, unit: string): string {
  const text = amountText(Math.abs(x), unit);
  if (x === 0) return text;
  const step = smallest(unit);
  if (Math.abs(x) < step / 2) return `<${NO_BREAK}${amountText(step, unit)}`;
  return `${x < 0 ? MINUS : '+'}${text}`;
}
/** The last digit that amountText prints of a small amount. */
const smallest = (unit: string): number => ({ rate: 0.01, share: 0.001, people: 1, HTG: 1 })[unit] ?? 0.1;

/** From low to high; one figure where evidence leaves no doubt. */
export const rangeText = (r: Interval, write: (x: number) => string): string =>
  r.low === r.high ? write(r.low) : c('range', { low: write(r.low), high: write(r.high) });
const spread = (r: Interval, write: (x: number) => string): string => (r.low === r.high ? '' : rangeText(r, write));

/** What is printed large, and the range of the same. Shares go before amounts. */
export function mainFigure(v: Value): { central: string; range: string; other: string | null; interval: Interval } | null {
  if (v.status !== 'assessed' || !v.amount) return null;
  const write = (x: number) => amountText(x, v.unit);
  if (v.share && v.unit !== 'share') return { central: percent(v.share.central), range: spread(v.share, percent), other: `${write(v.amount.central)}${v.amount.low === v.amount.high ? '' : ` (${rangeText(v.amount, write)})`}`, interval: v.share };
  return { central: write(v.amount.central), range: spread(v.amount, write), other: null, interval: v.amount };
}

/** "of 727 km² — Metropolitan area …": a share never stands without it. */
export const wholeText = (w: Whole): string => c('whole', { amount: amountText(w.amount, w.unit), name: text3(w.name) });

export function traceText(v: Value): string {
  const sure = v.confidence_label && hasWord('confidence', v.confidence_label) ? c('confidence', { label: word('confidence', v.confidence_label) }) : v.n > 0 ? c('noConfidence') : '';
  return [sure, v.n > 0 ? c('n', { n: number(v.n), count: v.n }) : c('nothing')].filter(Boolean).join(' · ');
}

const groupsOfWords: Record<string, string[]> = {
  control_type: ['control'], control_context: ['control'], status: ['road', 'works', 'status', 'state'], functional: ['works'], state: ['state'], subtype: ['subtype'], trait: ['trait'],
  facility_type: ['facility'], asset: ['facility'], actor_type: ['actor'], perpetrator_type: ['actor'], status_reason: ['why'], vehicle: ['vehicle'], vehicle_class: ['vehicle'], profile: ['profile'],
  compartment: ['audience'], layer: ['layer'], event_type: ['event'],
};
const yesOrNo = new Set(['emergency_passable', 'functioning', 'outside_control', 'reachable', 'commercial_flights', 'confirmed']);
const silent = new Set(['id', 'code', 'name', 'communes', 'sections']);

/** The name of a row by its words. A word nobody translated is shown as it is. */
export function rowName(of: Record<string, string> | null | undefined): string {
  const have = of ?? {};
  const named = have['name'] && !have['group'] && !have['coalition'] ? [have['name']] : [];
  const words = Object.entries(have)
    .filter(([key]) => !silent.has(key) && !(key === 'layer' && have['facility_type']) && !(key === 'asset' && named.length > 0))
    .map(([key, value]) => rowWord(key, value)).filter(Boolean);
  return [...named, ...words].join(' · ') || c('of.all');
}

export function rowWord(key: string, value: string): string {
  if (value === AFFECTED) return c('of.affected');
  if (value === UNASSESSED) return c('of.unassessed');
  const [own, ownKey] = [`row.${key}.${value}`, `row.${key}`];
  if (hasKey(own)) return c(own);
  if (yesOrNo.has(key) && hasKey(ownKey)) return `${c(ownKey)}${t('passage.colon')}${hasWord('pass', value) ? word('pass', value) : hasKey(`row.${value}`) ? c(`row.${value}` as Key) : value.replaceAll('_', ' ')}`;
  switch (key) {
    case 'group': return value === 'shared' ? c('of.shared') : groupName(value);
    case 'coalition': return groupName(value);
    case 'measure': if (value === 'length') return c('of.length'); break;
    case 'within_m': return c('of.near', { m: number(Number(value)) });
    case 'of': return value === 'blind' ? c('of.blind') : '';
    case 'days': return c('of.days', { n: value });
    case 'since': return t('card.from', { date: date(value) });
    case 'stale': return c('row.stale');
    case 'window': return value.endsWith('d') ? c('days', { n: value.slice(0, -1) }) : `${value.slice(0, -1)}${NO_BREAK}h`;
    case 'within': return c('row.within', { n: value.slice(0, -1) });
    case 'confidence': return c('confidence', { label: word('confidence', value) });
    case 'per': return c('per', { per: value.replace(/^(\d+) people$/, (_, n: string) => c('row.people', { n: number(Number(n)) })).replace('km2', 'km²') });
  }
  for (const group of groupsOfWords[key] ?? []) {
    const word1 = `${group}.${value}`;
    if (hasKey(word1)) return c(word1);
    if (hasWord(group, value)) return word(group, value);
  }
  return hasKey(`row.${value}`) ? c(`row.${value}` as Key) : value.replaceAll('_', ' ');
}

/** A number the server wrote in English, such as 67/412 = 16.3 %, in the reader's digits. */
export function localDigits(text: string): string {
  if (lang.value === 'en') return text;
  return text.replace(/(\d),(?=\d{3})/g, '$1\u202f').replace(/(\d)\.(?=\d)/g, '$1,').replace(/ %/g, `${NO_BREAK}%`);
}

export const baselineText = (b: Comparison, text?: Text3 | null): string => c('baselineAt', { text: text3(text) || localDigits(b.text), date: date(`${b.date}T12:00:00Z`) });

/** The citation as it is, with its date and its one remark in the reader's language. */
export function sourceWords(citation: string): string {
  return citation
    .replace(/\b\d{1,2} [A-Z][a-z]+ \d{4}\b/, (day) => date(`${day} 12:00 UTC`))
    .replace(/outlines generalised to about (\d+) m/, (_, m: string) => c('generalised', { m }));
}

export const colon = (): string => t('passage.colon');
