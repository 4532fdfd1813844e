// The stream of changes: a pure reducer for what is known about the connection, and the wire
// around it. When the stream is refused or keeps failing, /v1/status is polled instead.
import type { RevisionEvent, Status } from './model';

export type Word = 'live' | 'delayed' | 'offline';

export interface LiveState {
  word: Word;
  revision: number;
  /** Age of the data when the server's own record is out of reach, else 0. */
  ageS: number;
  /** Changes received since the page was loaded. */
  changes: number;
}

export type LiveEvent =
  | { type: 'open' }
  | { type: 'revision'; data: RevisionEvent }
  | { type: 'resync'; revision: number }
  | { type: 'lost' }
  | { type: 'status'; status: Status }
  | { type: 'unreachable' }
  | { type: 'age'; ageS: number | null };

export interface Step {
  state: LiveState;
  /** What is to be done about it: nothing, fetch the changed things, or load everything again. */
  effect: { type: 'none' } | { type: 'fetch'; data: RevisionEvent } | { type: 'reload' };
}

export const initialLive: LiveState = { word: 'offline', revision: 0, ageS: 0, changes: 0 };
const none = { type: 'none' } as const;

export function reduce(state: LiveState, event: LiveEvent): Step {
  switch (event.type) {
    case 'open':
      return { state: { ...state, word: state.ageS > 0 ? 'delayed' : 'live' }, effect: none };
    case 'revision': {
      // A revision seen before is a repeat after a reconnection: it must not count twice.
      if (event.data.revision <= state.revision) return { state: { ...state, word: 'live', ageS: 0 }, effect: none };
      const changes = state.changes + event.data.changes.length;
      return { state: { word: 'live', ageS: 0, revision: event.data.revision, changes }, effect: { type: 'fetch', data: event.data } };
    }
    case 'resync':
      return { state: { ...state, word: 'live', revision: event.revision }, effect: { type: 'reload' } };
    case 'lost':
      return { state: { ...state, word: state.word === 'offline' ? 'offline' : 'delayed' }, effect: none };
    case 'status': {
      const { connected, revision, age_s } = event.status;
      const behind = revision > state.revision;
      return {
        state: { ...state, word: 'delayed', ageS: connected ? 0 : (age_s ?? state.ageS), revision: behind ? revision : state.revision },
        effect: behind ? { type: 'reload' } : none,
      };
    }
    case 'unreachable':
      return { state: { ...state, word: 'offline' }, effect: none };
    case 'age': {
      const ageS = event.ageS ?? 0;
      const word = ageS > 0 ? 'delayed' : state.word === 'delayed' && state.ageS > 0 ? 'live' : state.word;
      // The revision stays: only the stream and a full load may move it, or an event would be
      // taken for a repeat because some other answer had named its revision first.
      return { state: { ...state, ageS, word }, effect: none };
    }
  }
}

/** Reads the data of a "revision" event; anything malformed asks for a reload instead. */
export function parseRevision(data: string): RevisionEvent | null {
  try {
    const d = JSON.parse(data) as Partial<RevisionEvent>;
    if (typeof d.revision !== 'number' || !Array.isArray(d.changes)) return null;
    const ok = d.changes.every((c) => c && typeof c.collection === 'string' && c.id != null && (c.action === 'upsert' || c.action === 'delete'));
    return ok ? { ...d, revision: d.revision, changes: d.changes.map((c) => ({ ...c, id: String(c.id) })) } : null;
  } catch {
    return null;
  }
}

const POLL_MS = 15_000;
const LOST_MS = 6_000; // the browser reconnects by itself after about 3 s

export interface Connection { close(): void }

/** Follows /v1/changes from a revision on. The browser sends Last-Event-ID when it reconnects. */
export function follow(since: number, dispatch: (event: LiveEvent) => void, status: () => Promise<Status>): Connection {
  let source: EventSource | null = null;
  let last = since;
  let lostTimer = 0;
  let pollTimer = 0;
  let closed = false;

  const open = () => {
    source?.close();
    const stream = new EventSource(last > 0 ? `/v1/changes?last-event-id=${last}` : '/v1/changes');
    source = stream;
    stream.onopen = () => {
      clearTimeout(lostTimer);
      clearTimeout(pollTimer);
      lostTimer = pollTimer = 0;
      dispatch({ type: 'open' });
    };
    stream.addEventListener('revision', (message: MessageEvent<string>) => {
      const data = parseRevision(message.data);
      last = Math.max(last, Number(message.lastEventId) || data?.revision || last);
      dispatch(data ? { type: 'revision', data } : { type: 'resync', revision: last });
    });
    stream.addEventListener('resync', (message: MessageEvent<string>) => {
      const revision = Number((parseOrNull(message.data) as { revision?: number } | null)?.revision ?? last);
      last = Math.max(last, revision);
      dispatch({ type: 'resync', revision: last });
    });
    stream.onerror = () => {
      if (closed) return;
      if (!lostTimer) lostTimer = window.setTimeout(() => { dispatch({ type: 'lost' }); void poll(); }, stream.readyState === EventSource.CLOSED ? 0 : LOST_MS);
    };
  };

  const poll = async () => {
    clearTimeout(pollTimer);
    if (closed) return;
    try {
      const answer = await status();
      if (closed) return;
      dispatch({ type: 'status', status: answer });
      last = Math.max(last, answer.revision);
      // The server answers again: try the stream anew when the browser has given it up.
      if (source?.readyState === EventSource.CLOSED) { lostTimer = 0; open(); }
    } catch {
      if (!closed) dispatch({ type: 'unreachable' });
    }
    if (!closed && source?.readyState !== EventSource.OPEN) pollTimer = window.setTimeout(() => void poll(), POLL_MS);
  };

  open();
  return {
    close() {
      closed = true;
      source?.close();
      clearTimeout(lostTimer);
      clearTimeout(pollTimer);
    },
  };
}

function parseOrNull(data: string): unknown {
  try { return JSON.parse(data); } catch { return null; }
}
