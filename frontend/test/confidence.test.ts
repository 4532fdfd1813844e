import { describe, expect, it } from 'vitest';
import { confidenceAt, decayed, eighthsLeft, isStale, label, patternAt, validAt } from '../src/confidence';

const at = (iso: string) => Date.parse(iso);

describe('decay', () => {
  it('halves every half-life', () => {
    expect(decayed(0.8, 0, 168)).toBe(0.8);
    expect(decayed(0.8, 168, 168)).toBeCloseTo(0.4, 12);
    expect(decayed(0.8, 336, 168)).toBeCloseTo(0.2, 12);
  });
  it('stays without a half-life and before the confirmation', () => {
    expect(decayed(0.8, 1000, null)).toBe(0.8);
    expect(decayed(0.8, -10, 168)).toBe(0.8);
  });
  it('labels at the bounds', () => {
    expect([0.7, 0.699, 0.4, 0.399].map(label)).toEqual(['high', 'medium', 'medium', 'low']);
  });
  it('ages a record', () => {
    const p = { confidence: 0.9, half_life_h: 24, last_confirmed_at: '2026-01-01T00:00:00Z' };
    expect(confidenceAt(p, at('2026-01-02T00:00:00Z'))).toBeCloseTo(0.45, 12);
    expect(confidenceAt({}, 0)).toBeNull();
  });
});

describe('how a record is drawn', () => {
  const p = { confidence: 0.9, confidence_label: 'high', half_life_h: 24, last_confirmed_at: '2026-01-01T00:00:00Z', stale_at: '2026-01-09T00:00:00Z' };
  it('fades from high to stale', () => {
    expect(patternAt(p, at('2026-01-01T00:00:00Z'))).toBe('high');
    expect(patternAt(p, at('2026-01-01T18:00:00Z'))).toBe('medium');
    expect(patternAt(p, at('2026-01-05T00:00:00Z'))).toBe('low');
    expect(patternAt(p, at('2026-01-09T00:00:00Z'))).toBe('stale');
  });
  it('takes no grade for a low one', () => expect(patternAt({}, 0)).toBe('low'));
  it('knows stale', () => {
    expect(isStale({ stale_at: null }, 0)).toBe(false);
    expect(isStale({ stale_at: 'nonsense' }, 0)).toBe(false);
  });
});

describe('the ring', () => {
  const p = { last_confirmed_at: '2026-01-01T00:00:00Z', stale_at: '2026-01-09T00:00:00Z' };
  it.each([
    ['2026-01-01T00:00:00Z', 8], ['2026-01-01T00:00:01Z', 8], ['2026-01-02T00:00:00Z', 7], ['2026-01-05T12:00:00Z', 4],
    ['2026-01-08T23:59:59Z', 1], ['2026-01-09T00:00:00Z', 0], ['2027-01-01T00:00:00Z', 0], ['2025-01-01T00:00:00Z', 8],
  ])('at %s has %d eighths left', (moment, want) => expect(eighthsLeft(p, at(moment))).toBe(want));
  it('is absent without a life span', () => {
    expect(eighthsLeft({ last_confirmed_at: '2026-01-01T00:00:00Z' }, 0)).toBeNull();
    expect(eighthsLeft({ last_confirmed_at: '2026-01-09T00:00:00Z', stale_at: '2026-01-01T00:00:00Z' }, 0)).toBeNull();
  });
});

describe('validity', () => {
  it('is closed at its start and open at its end', () => {
    const p = { valid_from: '2026-01-01T00:00:00Z', valid_to: '2026-02-01T00:00:00Z' };
    expect(validAt(p, at('2026-01-01T00:00:00Z'))).toBe(true);
    expect(validAt(p, at('2025-12-31T23:59:59Z'))).toBe(false);
    expect(validAt(p, at('2026-02-01T00:00:00Z'))).toBe(false);
    expect(validAt({}, 0)).toBe(true);
  });
});
