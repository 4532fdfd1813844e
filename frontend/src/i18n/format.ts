// Numbers, dates and ages. Browsers have no Kreyòl: Intl answers "ht" in English without an
// error, so Kreyòl is written by hand. Every clock time is Haiti's.
import type { Lang } from '../urlstate';
import { lang as current, t } from './index';

const ZONE = 'America/Port-au-Prince';
const NARROW_SPACE = '\u202f';
const NO_BREAK = '\u00a0';
const MONTHS_HT = ['janvye', 'fevriye', 'mas', 'avril', 'me', 'jen', 'jiyè', 'out', 'septanm', 'oktòb', 'novanm', 'desanm'];
const MONTHS_HT_SHORT = ['jan.', 'fev.', 'mas', 'avr.', 'me', 'jen', 'jiyè', 'out', 'sept.', 'okt.', 'nov.', 'des.'];

const numberFormats = new Map<string, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();

export function number(value: number, digits = 0, lang: Lang = current.value): string {
  if (!Number.isFinite(value)) return '–';
  if (lang === 'ht') return numberHt(value, digits);
  const key = `${lang}${digits}`;
  let format = numberFormats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(lang === 'fr' ? 'fr-FR' : 'en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
    numberFormats.set(key, format);
  }
  return format.format(value);
}

/** Kreyòl as it is written in Haiti: decimal comma, thousands set apart by a narrow space. */
function numberHt(value: number, digits: number): string {
  const [whole = '0', fraction] = Math.abs(value).toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, NARROW_SPACE);
  const sign = value < 0 && Number(value.toFixed(digits)) !== 0 ? '-' : '';
  return sign + grouped + (fraction ? `,${fraction}` : '');
}

export function percent(share: number, lang: Lang = current.value): string {
  const value = share * 100;
  const digits = value !== 0 && Math.abs(value) < 10 ? 1 : 0;
  return `${number(value, digits, lang)}${lang === 'en' ? '' : NO_BREAK}%`;
}

interface Parts { day: number; month: number; year: number; hour: string; minute: string }

function partsOf(ms: number): Parts {
  let format = dateFormats.get('parts');
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: ZONE, day: 'numeric', month: 'numeric', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    });
    dateFormats.set('parts', format);
  }
  const found = Object.fromEntries(format.formatToParts(ms).map((p) => [p.type, p.value]));
  return {
    day: Number(found['day']), month: Number(found['month']), year: Number(found['year']),
    hour: found['hour'] ?? '00', minute: found['minute'] ?? '00',
  };
}

const millis = (at: string | number): number => (typeof at === 'number' ? at : Date.parse(at));

export function date(at: string | number | null | undefined, lang: Lang = current.value, long = false): string {
  const ms = at == null ? Number.NaN : millis(at);
  if (!Number.isFinite(ms)) return '–';
  if (lang === 'ht') {
    const p = partsOf(ms);
    return `${p.day} ${(long ? MONTHS_HT : MONTHS_HT_SHORT)[p.month - 1]} ${p.year}`;
  }
  const key = `${lang}${long}`;
  let format = dateFormats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(lang === 'fr' ? 'fr-FR' : 'en-GB', {
      timeZone: ZONE, day: 'numeric', month: long ? 'long' : 'short', year: 'numeric',
    });
    dateFormats.set(key, format);
  }
  return format.format(ms);
}

export function dateTime(at: string | number | null | undefined, lang: Lang = current.value): string {
  const ms = at == null ? Number.NaN : millis(at);
  if (!Number.isFinite(ms)) return '–';
  const p = partsOf(ms);
  return `${date(ms, lang)}, ${p.hour}:${p.minute}`;
}

/** The day in Haiti as yyyy-mm-dd, for a date field. */
export function isoDay(ms: number): string {
  const p = partsOf(ms);
  return `${p.year}-${String(p.month).padStart(2, '0')}-${String(p.day).padStart(2, '0')}`;
}

export function age(hours: number | null | undefined): string {
  if (hours == null || !Number.isFinite(hours)) return t('legend.unknown');
  const count = (key: Parameters<typeof t>[0], n: number) => t(key, { n: number(n), count: n });
  if (hours < -1 / 60) return t('age.future');
  if (hours < 1 / 30) return t('age.now');
  if (hours < 1) return count('age.minutes', Math.floor(hours * 60));
  if (hours < 48) return count('age.hours', Math.floor(hours));
  const days = Math.floor(hours / 24);
  if (days < 60) return count('age.days', days);
  if (days < 730) return count('age.months', Math.floor(days / 30.44));
  return count('age.years', Math.floor(days / 365.25));
}

/** A length of time without "ago". */
export function span(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t('span.minutes', { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours >= 72) return t('span.days', { n: number(Math.round(hours / 24)) });
  return minutes % 60 === 0 ? t('span.hours', { n: hours }) : t('span.hoursMinutes', { h: hours, m: String(minutes % 60).padStart(2, '0') });
}

export function distance(metres: number): string {
  if (metres < 1000) return `${number(Math.round(metres))}${NO_BREAK}m`;
  const km = metres / 1000;
  return `${number(km, km < 100 ? 1 : 0)}${NO_BREAK}km`;
}

export const area = (km2: number): string => `${number(km2, km2 < 100 ? 1 : 0)}${NO_BREAK}km²`;
