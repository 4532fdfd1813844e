// How sure and how old: the decay of confidence and the share of a record's life that is left.
// The figures come with each feature (half_life_h, stale_at); only the arithmetic is here.
import type { Properties } from './model';

export type Label = 'high' | 'medium' | 'low';
/** How a feature is drawn: by its confidence label, or stale whatever the label says. */
export type Pattern = Label | 'stale';

export const HIGH = 0.7;
export const MEDIUM = 0.4;
export const RING_PARTS = 8;
const HOUR_MS = 3_600_000;

export const hoursBetween = (from: string | null | undefined, atMs: number): number | null => {
  if (!from) return null;
  const ms = Date.parse(from);
  return Number.isFinite(ms) ? (atMs - ms) / HOUR_MS : null;
};

/** Confidence after ageH hours: it halves every halfLifeH hours. */
export function decayed(confidence: number, ageH: number, halfLifeH: number | null | undefined): number {
  if (!halfLifeH || halfLifeH <= 0 || ageH <= 0) return confidence;
  return confidence * 0.5 ** (ageH / halfLifeH);
}

export function label(confidence: number): Label {
  if (confidence >= HIGH) return 'high';
  return confidence >= MEDIUM ? 'medium' : 'low';
}

/** Confidence at a moment, or null when the record carries none. */
export function confidenceAt(p: Properties, atMs: number): number | null {
  if (p.confidence == null) return null;
  const ageH = hoursBetween(p.last_confirmed_at, atMs);
  return ageH == null ? p.confidence : decayed(p.confidence, ageH, p.half_life_h);
}

export function isStale(p: Properties, atMs: number): boolean {
  const stale = p.stale_at ? Date.parse(p.stale_at) : Number.NaN;
  return Number.isFinite(stale) && atMs >= stale;
}

/** Unknown confidence is drawn as low: absence of a grade is not a good grade. */
export function patternAt(p: Properties, atMs: number): Pattern {
  if (isStale(p, atMs)) return 'stale';
  const now = confidenceAt(p, atMs);
  if (now != null) return label(now);
  return p.confidence_label === 'high' || p.confidence_label === 'medium' ? p.confidence_label : 'low';
}

/** Eighths of the life left, 8 when just confirmed, 0 when stale, null when it has no life span. */
export function eighthsLeft(p: Properties, atMs: number): number | null {
  const start = p.last_confirmed_at ? Date.parse(p.last_confirmed_at) : Number.NaN;
  const end = p.stale_at ? Date.parse(p.stale_at) : Number.NaN;
  if (!Number.isFinite(start) || !Number.isFinite(end) || end <= start) return null;
  const share = (end - atMs) / (end - start);
  return Math.max(0, Math.min(RING_PARTS, Math.ceil(share * RING_PARTS)));
}

/** True when a record holds at a moment; open ends are open. */
export function validAt(p: Properties, atMs: number): boolean {
  const from = p.valid_from ? Date.parse(p.valid_from) : Number.NEGATIVE_INFINITY;
  const to = p.valid_to ? Date.parse(p.valid_to) : Number.POSITIVE_INFINITY;
  return !(from > atMs) && !(to <= atMs);
}
