import { describe, expect, it } from 'vitest';
import { palettes, type Theme } from '../src/palette';
import { ciede2000, contrast, lab, vision } from './colour';

const MIN_DELTA_E = 18;

describe('CIEDE2000', () => {
  // Pairs 1, 7 and 17 of the test data of Sharma, Wu and Dalal.
  it.each([
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
  ] as const)('%j and %j differ by %d', (a, b, want) => {
    expect(ciede2000([...a] as never, [...b] as never)).toBeCloseTo(want, 4);
  });
});

describe.each(['day', 'night'] as Theme[])('palette %s', (theme) => {
  const { control, road, obstacle, ui } = palettes[theme];
  it.each(Object.keys(vision))('keeps control types and road states apart for %s vision', (eyes) => {
    for (const group of [control, road]) {
      const colours = Object.entries(group);
      for (const [i, [nameA, a]] of colours.entries()) {
        for (const [nameB, b] of colours.slice(i + 1)) {
          expect(ciede2000(lab(a, eyes), lab(b, eyes)), `${nameA} and ${nameB}`).toBeGreaterThanOrEqual(MIN_DELTA_E);
        }
      }
    }
  });
  it('outlines zones at 3:1 on land, sea and sheet', () => {
    for (const ground of [ui.land, ui.sea, ui.sheet]) expect(contrast(ui.outline, ground)).toBeGreaterThanOrEqual(3);
  });
  it('writes at 4.5:1', () => {
    for (const [ink, ground] of [
      [ui.ink, ui.sheet], [ui.muted, ui.sheet], [ui.ink, ui.halo], [ui.muted, ui.halo], [ui.accent, ui.sheet],
      [ui['on-accent'], ui.accent], [ui['warn-ink'], ui.warn], [road.closed, ui.sheet], [ui['rail-b'], ui['rail-a']],
    ] as const) {
      // The word of a problem is bold and large enough for 3:1; everything else is body text.
      expect(contrast(ink, ground), `${ink} on ${ground}`).toBeGreaterThanOrEqual(ink === road.closed ? 3 : 4.5);
    }
  });
  it('marks obstacles in white at 3:1 and shows the ring on its plate', () => {
    for (const body of Object.values(obstacle)) expect(contrast('#ffffff', body)).toBeGreaterThanOrEqual(3);
    expect(contrast(ui.ring, ui.halo)).toBeGreaterThanOrEqual(3);
    expect(contrast(ui.focus, ui.sheet)).toBeGreaterThanOrEqual(3);
    expect(contrast(ui.focus, ui.land)).toBeGreaterThanOrEqual(3);
  });
  it('keeps known road states visible on their casing', () => {
    for (const state of ['open', 'restricted', 'closed'] as const) expect(contrast(road[state], ui.casing)).toBeGreaterThanOrEqual(3);
    expect(contrast(road.unknown, ui['rail-a'])).toBeGreaterThanOrEqual(2);
  });
});

it('has no pure white on the ground of the night theme', () => {
  for (const [name, colour] of Object.entries(palettes.night.ui)) expect(colour.toLowerCase(), name).not.toBe('#ffffff');
});
