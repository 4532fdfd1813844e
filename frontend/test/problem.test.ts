import { describe, expect, it } from 'vitest';
import { nextPath, vintageOf } from '../src/api';
import { asProblem, Problem, problemKey, problemOf } from '../src/problem';

describe('problems in words', () => {
  it.each([
    [401, { code: 'sign_in_failed' }, 'problem.sign_in_failed'],
    [401, { code: 'unauthenticated' }, 'problem.unauthorised'],
    [403, { code: 'forbidden' }, 'problem.forbidden'],
    [404, { code: 'not_found' }, 'problem.not_found'],
    [412, { code: 'precondition_failed' }, 'problem.conflict'],
    [422, { code: 'unprocessable', errors: [{ pointer: '/points/1', code: 'off_network' }] }, 'problem.off_network'],
    [422, { code: 'unprocessable' }, 'problem.unprocessable'],
    [400, { code: 'invalid', errors: [{ pointer: '/points/0', code: 'invalid' }] }, 'problem.outside'],
    [429, { code: 'too_many_requests' }, 'problem.too_many'],
    [503, { code: 'unavailable' }, 'problem.unavailable'],
    [500, '<html>', 'problem.server'],
    [418, null, 'problem.bad_request'],
  ])('%d %j', (status, body, key) => expect(problemKey(problemOf(status, body, null))).toBe(key));
  it('never carries the server’s own sentence', () => {
    expect(JSON.stringify(problemOf(422, { code: 'x', detail: 'English', title: 'English' }, null))).not.toContain('English');
  });
  it('tells no answer from a slow one', () => {
    expect(problemKey(asProblem(new TypeError('fetch failed')))).toBe('problem.offline');
    expect(problemKey(asProblem(new DOMException('x', 'TimeoutError')))).toBe('problem.timeout');
    const p = new Problem(404, 'not_found');
    expect(asProblem(p)).toBe(p);
  });
  it('reads Retry-After in seconds', () => expect(problemOf(503, {}, '30').retryAfterS).toBe(30));
});

describe('answers', () => {
  it('name their revision, audience and age', () => {
    expect(vintageOf(new Headers({ 'Pasaj-Revision': '17', 'Pasaj-Audience': 'hum', 'Pasaj-Age-S': '37' }))).toEqual({ revision: 17, audience: 'hum', ageS: 37 });
    expect(vintageOf(new Headers({ 'Pasaj-Revision': 'x' }))).toEqual({ revision: null, audience: null, ageS: null });
  });
  it('lead to the next page on the same host only', () => {
    const origin = 'http://127.0.0.1:8080';
    expect(nextPath([{ rel: 'next', href: 'http://127.0.0.1:8080/collections/ports/items?cursor=a' }], origin)).toBe('/collections/ports/items?cursor=a');
    expect(nextPath([{ rel: 'next', href: '/collections/ports/items?cursor=b' }], origin)).toBe('/collections/ports/items?cursor=b');
    expect(nextPath([{ rel: 'next', href: 'http://elsewhere.example/x' }], origin)).toBeNull();
    expect(nextPath([{ rel: 'self', href: '/x' }], origin)).toBeNull();
  });
});
