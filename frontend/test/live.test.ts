import { describe, expect, it } from 'vitest';
import { initialLive, parseRevision, reduce, type LiveEvent, type LiveState } from '../src/live';
import type { Status } from '../src/model';

const change = (revision: number, n = 1): LiveEvent => ({
  type: 'revision',
  data: { revision, changes: Array.from({ length: n }, (_, i) => ({ collection: 'roadblocks', id: String(i), action: 'upsert' as const })) },
});
const run = (events: LiveEvent[], from: LiveState = initialLive) => {
  const effects: string[] = [];
  let state = from;
  for (const e of events) {
    const step = reduce(state, e);
    state = step.state;
    if (step.effect.type !== 'none') effects.push(step.effect.type);
  }
  return { state, effects };
};
const status = (revision: number, connected = true, age_s = 0): LiveEvent => ({ type: 'status', status: { revision, connected, age_s, audience: 'hum' } as Status });

describe('the stream', () => {
  it('counts and fetches each revision once, repeats after a reconnection included', () => {
    const { state, effects } = run([{ type: 'open' }, change(18, 2), change(19), { type: 'lost' }, { type: 'open' }, change(18, 2), change(19), change(20)]);
    expect(state).toMatchObject({ word: 'live', revision: 20, changes: 4 });
    expect(effects).toEqual(['fetch', 'fetch', 'fetch']);
  });
  it('reloads on resync and stays at its revision', () => {
    const { state, effects } = run([change(18), { type: 'resync', revision: 40 }, change(40)]);
    expect(state.revision).toBe(40);
    expect(effects).toEqual(['fetch', 'reload']);
  });
  it('is delayed when lost, offline when nothing answers, live when open', () => {
    expect(run([{ type: 'open' }]).state.word).toBe('live');
    expect(run([{ type: 'open' }, { type: 'lost' }]).state.word).toBe('delayed');
    expect(run([{ type: 'open' }, { type: 'lost' }, { type: 'unreachable' }]).state.word).toBe('offline');
    expect(run([{ type: 'unreachable' }, { type: 'lost' }]).state.word).toBe('offline');
  });
  it('polls: reloads only when the server is ahead', () => {
    const { state, effects } = run([change(18), status(18), status(21), status(21)]);
    expect(state).toMatchObject({ word: 'delayed', revision: 21 });
    expect(effects).toEqual(['fetch', 'reload']);
  });
  it('says how old the data is while the record is out of reach, and recovers', () => {
    const old = run([{ type: 'open' }, { type: 'age', ageS: 37 }]).state;
    expect(old).toMatchObject({ word: 'delayed', ageS: 37 });
    expect(reduce(old, { type: 'age', ageS: null }).state).toMatchObject({ word: 'live', ageS: 0 });
  });
  it('does not take an event for a repeat because another answer named its revision', () => {
    const { effects } = run([{ type: 'open' }, change(18), { type: 'age', ageS: null }, change(19)]);
    expect(effects).toEqual(['fetch', 'fetch']);
  });
});

describe('event data', () => {
  it('is read', () => {
    expect(parseRevision('{"revision":18,"changes":[{"collection":"ports","id":7,"action":"delete"}]}')).toMatchObject({ revision: 18, changes: [{ id: '7' }] });
  });
  it.each(['', '{', 'null', '{"revision":"18","changes":[]}', '{"revision":18}', '{"revision":18,"changes":[{"collection":"ports"}]}', '{"revision":18,"changes":[null]}'])(
    'malformed is refused: %s', (data) => expect(parseRevision(data)).toBeNull(),
  );
});
