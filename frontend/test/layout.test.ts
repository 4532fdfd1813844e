import { describe, expect, it } from 'vitest';
import { group, Occupied, placeLabels, pushAside } from '../src/map/layout';
import { obstacleFill, obstacleShape } from '../src/map/shapes';

describe('grouping', () => {
  it('joins what would overlap and loses nothing', () => {
    const items = Array.from({ length: 200 }, (_, i) => ({ x: (i * 37) % 300, y: (i * 91) % 300, i }));
    const groups = group(items, 25);
    expect(groups.reduce((n, g) => n + g.items.length, 0)).toBe(200);
    for (const [i, a] of groups.entries()) {
      for (const b of groups.slice(i + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(25);
    }
  });
  it('gives the place to the first, which is the most important', () => {
    const [g] = group([{ x: 0, y: 0 }, { x: 5, y: 0 }], 10);
    expect(g).toMatchObject({ x: 0, y: 0 });
    expect(g!.items).toHaveLength(2);
  });
  it('groups nothing when zoomed in', () => expect(group([{ x: 0, y: 0 }, { x: 0, y: 0 }], 0)).toHaveLength(2));
  it('moves lesser symbols off greater ones', () => {
    const lesser = [{ x: 1, y: 0 }, { x: 100, y: 0 }, { x: 0, y: 0 }];
    pushAside(lesser, [{ x: 0, y: 0 }], 20);
    expect(lesser[0]).toEqual({ x: 20, y: 0 });
    expect(lesser[1]).toEqual({ x: 100, y: 0 });
    expect(Math.hypot(lesser[2]!.x, lesser[2]!.y)).toBe(20);
  });
});

describe('names', () => {
  const wish = (x: number, y: number, always = false) => ({ x, y, text: 'Gonaïves', sizePx: 12, kind: 'town', offsetPx: 8, always });
  it('do not cover each other', () => {
    const placed = placeLabels(Array.from({ length: 40 }, (_, i) => wish((i * 31) % 150, (i * 17) % 90)), new Occupied());
    expect(placed.length).toBeGreaterThan(3);
    expect(placed.length).toBeLessThan(40);
  });
  it('of capitals stay even where there is no room', () => {
    const occupied = new Occupied();
    occupied.add({ left: -500, top: -500, right: 500, bottom: 500 });
    expect(placeLabels([wish(0, 0)], occupied)).toHaveLength(0);
    expect(placeLabels([wish(0, 0, true)], occupied)).toHaveLength(1);
  });
});

describe('obstacles', () => {
  it('have a shape for each kind and a fallback', () => {
    expect(obstacleShape('toll_post')).toEqual(['toll', 'armed']);
    expect(obstacleShape('police_closure')).toEqual(['shield', 'police']);
    expect(obstacleShape('never_heard_of')).toEqual(['other', 'armed']);
  });
  it('stale is hollow and never cleared: only a report clears', () => {
    expect(obstacleFill({ state: 'active' }, true)).toBe('hollow');
    expect(obstacleFill({ state: 'active' }, false)).toBe('full');
    expect(obstacleFill({ state: 'intermittent' }, false)).toBe('half');
    expect(obstacleFill({ state: 'cleared' }, true)).toBe('cleared');
  });
});
