// Questions about coverage to the server, and a hook that puts them again when the area, the date
// or the record changes.
import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { get } from '../api';
import type { Coverage } from '../model';
import { asProblem, type Problem } from '../problem';
import { audience, datetime, live } from '../state';
import type { Changes, Exposure, IndicatorTitle, Measurement, Objectives, Released, Series } from './model';

const WAIT_MS = 200; // of rest before asking, so that a moving slider asks once
const LIVE_WAIT_MS = 4000; // after a change of the record: one of many, often
const DAY_MS = 86_400_000;

const query = (path: string, of: Record<string, string | null | undefined>): string => {
  const q = Object.entries(of).filter(([, v]) => v).map(([k, v]) => `${k}=${encodeURIComponent(v!)}`);
  return q.length > 0 ? `${path}?${q.join('&')}` : path;
};
export const daysBefore = (at: string, days: number): string => new Date(Date.parse(at) - days * DAY_MS).toISOString().replace('.000', '');
/** The instant looked at: chosen, or now to the minute, as the server keeps its answers. */
export const instant = (at: string | null): string => at ?? new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString().replace('.000', '');

export const overview = (level: string, at: string | null, signal: AbortSignal): Promise<Coverage | Released> =>
  get(query('/v1/coverage', { level, datetime: at }), signal);
export const values = (indicator: string, area: string, at: string | null, signal: AbortSignal): Promise<Measurement> =>
  get(query('/v1/coverage/values', { indicator, area, datetime: at }), signal);
export const series = (indicator: string, area: string, to: string, days: number, signal: AbortSignal): Promise<Series> =>
  get(query('/v1/coverage/series', { indicator, area, from: daysBefore(to, days), to, step: '1d' }), signal);
export const changes = (area: string, to: string, days: number, signal: AbortSignal): Promise<Changes> =>
  get(query('/v1/coverage/changes', { area, from: daysBefore(to, days), to }), signal);
export const objectives = (at: string | null, signal: AbortSignal): Promise<Objectives> => get(query('/v1/coverage/objectives', { datetime: at }), signal);
export const exposure = (area: string, at: string | null, signal: AbortSignal): Promise<Exposure> => get(query('/v1/exposure', { area, datetime: at }), signal);
export const indicators = async (signal: AbortSignal): Promise<IndicatorTitle[]> =>
  (await get<{ indicators: IndicatorTitle[] }>('/v1/coverage/indicators', signal)).indicators;

/** The address of the same figures as CSV, pinned to what is on the screen. */
export const csvPath = (area: string, at: string, revision: number, lang: string): string =>
  query('/v1/coverage/values', { area, datetime: at, asof: String(revision), lang, f: 'csv' });

export interface Answer<T> { data: T | null; problem: Problem | null; busy: boolean; retry: () => void }

/**
 * The answer to a question. It is asked anew when what it is about changes, when the date or the
 * record moves on, and by retry; an answer that is no longer wanted is aborted. While the date
 * moves the last answer stays, marked as busy; while the record moves it stays as it is. What is about
 * something else, or for another audience, is gone at once.
 */
export function useAnswer<T>(about: string, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const subject = `${audience.value} ${about}`;
  const got = useSignal<{ subject: string; data: T | null; problem: Problem | null; busy: boolean }>({ subject, data: null, problem: null, busy: true });
  const again = useSignal(0);
  const asked = useRef('');
  useEffect(() => {
    // Only the record moved on: the figures are still those that their revision says.
    const reason = `${subject} ${datetime.value} ${again.value}`;
    const quiet = asked.current === reason && got.value.data !== null;
    asked.current = reason;
    const abort = new AbortController();
    const kept = () => (got.value.subject === subject ? got.value.data : null);
    if (!quiet) got.value = { subject, data: kept(), problem: null, busy: true };
    const timer = setTimeout(() => {
      ask(abort.signal).then(
        (data) => { if (!abort.signal.aborted) got.value = { subject, data, problem: null, busy: false }; },
        (error: unknown) => { if (!abort.signal.aborted) got.value = { subject, data: kept(), problem: asProblem(error), busy: false }; },
      );
    }, quiet ? LIVE_WAIT_MS : WAIT_MS);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [subject, datetime.value, live.value.revision, again.value]);
  const mine = got.value.subject === subject;
  return {
    data: mine ? got.value.data : null, problem: mine ? got.value.problem : null, busy: !mine || got.value.busy,
    retry: () => { again.value++; },
  };
}
