// What went wrong, in the reader's words: problem+json codes are translated, the server's
// English is never shown.
import type { Key } from './i18n/fr';

export interface ProblemField { pointer?: string; parameter?: string; code?: string; detail?: string }

export class Problem extends Error {
  constructor(
    /** HTTP status, 0 when no answer came. */
    readonly status: number,
    readonly code: string,
    readonly fields: ProblemField[] = [],
    readonly retryAfterS: number | null = null,
  ) {
    super(code);
    this.name = 'Problem';
  }
}

// A code is matched by what it contains, so that a new code of a known family still finds words.
const families: [RegExp, Key][] = [
  [/sign_in_failed/, 'problem.sign_in_failed'],
  [/link/, 'problem.link_used'],
  [/password/, 'problem.weak_password'],
  [/swapped/, 'problem.swapped'],
  [/outside|out_of_bounds|out_of_range|not_in_haiti/, 'problem.outside'],
  [/off_network|too_far|no_road|snap/, 'problem.off_network'],
  [/no_(route|path|way)|unreachable|disconnected/, 'problem.no_route'],
  [/withheld/, 'problem.withheld'],
  [/timeout/, 'problem.timeout'],
];

const statuses: Record<number, Key> = {
  0: 'problem.offline', 400: 'problem.bad_request', 401: 'problem.unauthorised', 403: 'problem.forbidden',
  404: 'problem.not_found', 409: 'problem.conflict', 410: 'problem.not_found', 412: 'problem.conflict',
  413: 'problem.too_large', 422: 'problem.unprocessable', 429: 'problem.too_many', 503: 'problem.unavailable',
  504: 'problem.timeout',
};

/** The key of the sentence that tells a problem. Fields count: their codes are the more exact ones. */
export function problemKey(problem: Problem): Key {
  for (const code of [...problem.fields.map((f) => f.code ?? ''), problem.code]) {
    for (const [pattern, key] of families) if (code && pattern.test(code)) return key;
  }
  // A refused point of a passage: the client only sends well-formed pairs, so it lies elsewhere.
  if (problem.fields.some((f) => /^\/(points|line)\/\d+/.test(f.pointer ?? ''))) return 'problem.outside';
  return statuses[problem.status] ?? (problem.status >= 500 ? 'problem.server' : 'problem.bad_request');
}

export function problemOf(status: number, body: unknown, retryAfter: string | null): Problem {
  const b = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const code = typeof b['code'] === 'string' ? b['code'] : `http_${status}`;
  const fields = Array.isArray(b['errors']) ? (b['errors'] as ProblemField[]).filter((f) => f && typeof f === 'object') : [];
  const seconds = retryAfter ? Number(retryAfter) : Number.NaN;
  return new Problem(status, code, fields, Number.isFinite(seconds) ? seconds : null);
}

export const asProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  const name = error instanceof Error ? error.name : '';
  return new Problem(0, name === 'TimeoutError' ? 'timeout' : 'offline');
};
