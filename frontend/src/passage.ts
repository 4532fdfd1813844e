// The passage question: two points, who goes, when. It lives in memory alone. It is never put
// into a URL, into storage or into a log.
import { computed, signal } from '@preact/signals';
import * as api from './api';
import { towns } from './map/towns';
import { HAITI } from './map/view';
import { project, type XY } from './map/projection';
import { along, parts } from './map/geometry';
import type { PassageAnswer, Position, Reason } from './model';
import { nameOf } from './describe';
import { asProblem, type Problem } from './problem';
import { datetime, features } from './state';

export interface End { at: Position; name: string | null }

export const ends = signal<{ from: End | null; to: End | null }>({ from: null, to: null });
export const vehicle = signal<string>('ambulance');
export const profile = signal<string>('ambulance');
/** Local date and time of departure as the form gives it, in Haiti's time; empty is now. */
export const departure = signal('');
export const answer = signal<PassageAnswer | null>(null);
export const asking = signal(false);
export const problem = signal<Problem | null>(null);
/** The reason that is pointed at, to be shown on the map. */
export const pointed = signal<Reason | null>(null);

let abort: AbortController | null = null;

export function setEnd(which: 'from' | 'to', end: End | null): void {
  ends.value = { ...ends.value, [which]: end };
  if (ends.value.from && ends.value.to) void ask();
  else answer.value = null;
}

/** A click on the map: the start first, then the destination, then a new start. */
export function click(at: Position): void {
  const { from, to } = ends.value;
  const end = { at, name: null };
  if (!from || to) {
    ends.value = { from: end, to: null };
    answer.value = null;
    problem.value = null;
  } else {
    setEnd('to', end);
  }
}

export function clear(): void {
  abort?.abort();
  ends.value = { from: null, to: null };
  answer.value = null;
  problem.value = null;
  pointed.value = null;
  asking.value = false;
}

export function swap(): void {
  ends.value = { from: ends.value.to, to: ends.value.from };
  if (ends.value.from && ends.value.to) void ask();
}

export async function ask(): Promise<void> {
  const { from, to } = ends.value;
  if (!from || !to) return;
  abort?.abort();
  const mine = new AbortController();
  abort = mine;
  asking.value = true;
  problem.value = null;
  try {
    const got = await api.passage({
      points: [from.at, to.at].map(round),
      vehicle: vehicle.value,
      profile: profile.value,
      ...(departure.value ? { depart_at: haitiTime(departure.value) } : {}),
      ...(datetime.value ? { datetime: datetime.value } : {}),
    }, mine.signal);
    if (!mine.signal.aborted) { answer.value = got; pointed.value = null; }
  } catch (error) {
    if (!mine.signal.aborted) { problem.value = asProblem(error); answer.value = null; }
  } finally {
    if (!mine.signal.aborted) asking.value = false;
  }
}

const round = ([lon, lat]: Position): Position => [Number(lon.toFixed(6)), Number(lat.toFixed(6))];

/** The instant of a wall-clock time in Haiti ("2026-11-22T07:30"), daylight saving included. */
export function haitiTime(local: string): string {
  const asUtc = Date.parse(`${local}:00Z`);
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'America/Port-au-Prince', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  });
  const offset = (ms: number) => {
    const p = Object.fromEntries(format.formatToParts(ms).map((x) => [x.type, x.value]));
    return Date.parse(`${p['year']}-${p['month']}-${p['day']}T${p['hour']}:${p['minute']}:00Z`) - ms;
  };
  let instant = asUtc - offset(asUtc);
  instant = asUtc - offset(instant);
  return new Date(instant).toISOString().replace('.000', '');
}

/** Letters only, without accents or apostrophes, so that "cap haitien" finds Cap-Haïtien. */
export const fold = (s: string): string =>
  s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, ' ').trim();

export interface Place { name: string; at: Position; folded: string }

/** Every place that can be named as an end point. */
export const gazetteer = computed<Place[]>(() => {
  const list = new Map<string, Place>();
  const add = (name: string, at: Position) => {
    const folded = fold(name);
    if (folded && !list.has(folded)) list.set(folded, { name, at, folded });
  };
  for (const town of towns) { add(town.name, town.at); add(town.ht, town.at); }
  for (const collection of ['places', 'facilities', 'ports', 'airports', 'police-facilities'] as const) {
    for (const f of features.value[collection]?.values() ?? []) {
      const g = f.geometry;
      if (g?.type === 'Point') add(nameOf(f.properties), g.coordinates);
    }
  }
  return [...list.values()].sort((a, b) => a.name.localeCompare(b.name));
});

/** Reads "-72.34 18.54" or "-72,34; 18,54": longitude, then latitude, in and around Haiti. */
export function readPoint(text: string): Position | null {
  const match = /^\s*(-?\d{1,3}(?:[.,]\d+)?)\s*[\s,;]\s*(-?\d{1,3}(?:[.,]\d+)?)\s*$/.exec(text);
  if (!match) return null;
  const [lon, lat] = [match[1]!, match[2]!].map((s) => Number(s.replace(',', '.')));
  if (lon === undefined || lat === undefined || !Number.isFinite(lon) || !Number.isFinite(lat)) return null;
  return lon >= HAITI.west - 1 && lon <= HAITI.east + 1 && lat >= HAITI.south - 1 && lat <= HAITI.north + 1 ? [lon, lat] : null;
}

/** A typed end point: coordinates, or a place by its full name, or the only place that begins so. */
export function readEnd(text: string): End | null {
  const point = readPoint(text);
  if (point) return { at: point, name: null };
  const wanted = fold(text);
  if (!wanted) return null;
  const exact = gazetteer.value.find((p) => p.folded === wanted);
  if (exact) return { at: exact.at, name: exact.name };
  const beginning = gazetteer.value.filter((p) => p.folded.startsWith(wanted));
  return beginning.length === 1 ? { at: beginning[0]!.at, name: beginning[0]!.name } : null;
}

/** Where a kilometre of the answer lies on the map, in units. */
export function atKm(a: PassageAnswer, km: number): XY | null {
  const line = a.geometry ? parts(a.geometry).flat().map(project) : [];
  if (line.length < 2 || a.length_m <= 0) return null;
  return along(line, (km * 1000) / a.length_m);
}
