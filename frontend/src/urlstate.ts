// What a link may carry: the thing looked at, the language, the theme, the date and the view.
// Never the audience, and never the end points of a passage.
import { isCollection, type Collection } from './model';
import type { Theme } from './palette';

export const languages = ['fr', 'ht', 'en'] as const;
export type Lang = (typeof languages)[number];

export interface UrlState {
  focus: { collection: Collection; id: string } | null;
  lang: Lang | null;
  theme: Theme | null;
  /** Valid time as an RFC 3339 instant; null is "now". */
  datetime: string | null;
  view: { lon: number; lat: number; zoom: number } | null;
}

const ID = /^[\w.:~-]{1,128}$/;

export function readUrl(search: string): UrlState {
  const q = new URLSearchParams(search);
  return {
    focus: readFocus(q.get('f')),
    lang: languages.find((l) => l === q.get('lg')) ?? null,
    theme: q.get('th') === 'night' ? 'night' : q.get('th') === 'day' ? 'day' : null,
    datetime: readInstant(q.get('t')),
    view: readView(q.get('c')),
  };
}

export function writeUrl(state: UrlState): string {
  const q: string[] = [];
  if (state.focus) q.push(`f=${state.focus.collection}:${encodeURIComponent(state.focus.id)}`);
  if (state.lang) q.push(`lg=${state.lang}`);
  if (state.theme) q.push(`th=${state.theme}`);
  if (state.datetime) q.push(`t=${state.datetime}`);
  if (state.view) {
    const { lon, lat, zoom } = state.view;
    q.push(`c=${lon.toFixed(4)},${lat.toFixed(4)},${zoom.toFixed(2)}`);
  }
  return q.length ? `?${q.join('&')}` : '';
}

function readFocus(f: string | null): UrlState['focus'] {
  if (!f) return null;
  const colon = f.indexOf(':');
  const collection = f.slice(0, colon);
  const id = f.slice(colon + 1);
  return colon > 0 && isCollection(collection) && ID.test(id) ? { collection, id } : null;
}

function readInstant(t: string | null): string | null {
  if (!t || !/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(t)) return null;
  const ms = Date.parse(t.length === 10 ? `${t}T12:00:00Z` : t);
  return Number.isFinite(ms) ? new Date(ms).toISOString().replace('.000', '') : null;
}

function readView(c: string | null): UrlState['view'] {
  const [lon, lat, zoom, more] = (c ?? '').split(',').map(Number);
  if (c == null || c === '' || more !== undefined) return null;
  const ok = [lon, lat, zoom].every((n) => n !== undefined && Number.isFinite(n));
  if (!ok || Math.abs(lon!) > 180 || Math.abs(lat!) > 85 || zoom! < 0 || zoom! > 22) return null;
  return { lon: lon!, lat: lat!, zoom: zoom! };
}
