// Decluttering: symbols that would lie on each other are grouped with a count, and a name is
// drawn only where it covers nothing. Pure arithmetic on pixels, so that it can be tested.
import type { XY } from './projection';

export interface Placed<T> { x: number; y: number; items: T[] }

/** Greedy grouping: input is in order of importance, the first of a group gives it its place. */
export function group<T extends XY>(items: readonly T[], radiusPx: number): Placed<T>[] {
  const groups: Placed<T>[] = [];
  if (radiusPx <= 0) return items.map((item) => ({ x: item.x, y: item.y, items: [item] }));
  const cells = new Map<string, Placed<T>[]>();
  const cell = (v: number) => Math.floor(v / radiusPx);
  for (const item of items) {
    const cx = cell(item.x);
    const cy = cell(item.y);
    let home: Placed<T> | null = null;
    let nearest = radiusPx;
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (const candidate of cells.get(`${cx + dx},${cy + dy}`) ?? []) {
          const d = Math.hypot(candidate.x - item.x, candidate.y - item.y);
          if (d < nearest) { nearest = d; home = candidate; }
        }
      }
    }
    if (home) { home.items.push(item); continue; }
    const made = { x: item.x, y: item.y, items: [item] };
    groups.push(made);
    const key = `${cx},${cy}`;
    const list = cells.get(key);
    if (list) list.push(made);
    else cells.set(key, [made]);
  }
  return groups;
}

/** Moves lesser symbols aside so that they do not hide under greater ones. */
export function pushAside<A extends XY, B extends XY>(lesser: A[], greater: readonly B[], distancePx: number): void {
  for (const a of lesser) {
    for (const b of greater) {
      const dx = a.x - b.x;
      const dy = a.y - b.y;
      const d = Math.hypot(dx, dy);
      if (d >= distancePx) continue;
      const f = d < 0.5 ? distancePx : distancePx / d;
      a.x = b.x + (d < 0.5 ? f : dx * f);
      a.y = b.y + (d < 0.5 ? 0 : dy * f);
    }
  }
}

export interface Frame { left: number; top: number; right: number; bottom: number }

/** Keeps rectangles apart; a grid makes each question cheap. */
export class Occupied {
  private readonly cells = new Map<string, Frame[]>();
  private static readonly CELL_PX = 64;

  free(frame: Frame): boolean {
    for (const key of this.keys(frame)) {
      for (const other of this.cells.get(key) ?? []) {
        if (frame.left < other.right && other.left < frame.right && frame.top < other.bottom && other.top < frame.bottom) return false;
      }
    }
    return true;
  }

  add(frame: Frame): void {
    for (const key of this.keys(frame)) {
      const list = this.cells.get(key);
      if (list) list.push(frame);
      else this.cells.set(key, [frame]);
    }
  }

  private *keys(frame: Frame): Generator<string> {
    const size = Occupied.CELL_PX;
    for (let x = Math.floor(frame.left / size); x <= Math.floor(frame.right / size); x++) {
      for (let y = Math.floor(frame.top / size); y <= Math.floor(frame.bottom / size); y++) yield `${x},${y}`;
    }
  }
}

export interface LabelWish extends XY {
  text: string;
  sizePx: number;
  kind: string;
  /** Offset of the text from its point; 0 centres it. */
  offsetPx: number;
  /** Drawn even where it covers something. */
  always?: boolean;
}
export interface Label extends LabelWish { anchor: 'start' | 'middle' | 'end'; dx: number; dy: number }

const WIDTH_EM = 0.56; // mean advance of Noto Sans over French and Kreyòl place names

/** Places the names in order of importance, beside, above or below their point. */
export function placeLabels(wishes: readonly LabelWish[], occupied: Occupied): Label[] {
  const placed: Label[] = [];
  for (const wish of wishes) {
    const width = wish.text.length * wish.sizePx * WIDTH_EM;
    const height = wish.sizePx * 1.25;
    const o = wish.offsetPx;
    const choices: [Label['anchor'], number, number][] = o === 0
      ? [['middle', 0, 0]]
      : [
          ['start', o, 0], ['end', -o, 0], ['middle', 0, -(o + height * 0.45)], ['middle', 0, o + height * 0.45],
          ['start', o * 0.7, -(o + height * 0.3)], ['end', -o * 0.7, -(o + height * 0.3)], ['start', o * 0.7, o + height * 0.3], ['end', -o * 0.7, o + height * 0.3],
          ['start', o + 10, 0], ['end', -o - 10, 0],
        ];
    let done = false;
    for (const [anchor, dx, dy] of choices) {
      const left = wish.x + dx - (anchor === 'middle' ? width / 2 : anchor === 'end' ? width : 0);
      const top = wish.y + dy - height / 2;
      const frame = { left: left - 2, top, right: left + width + 2, bottom: top + height };
      if (!occupied.free(frame)) continue;
      occupied.add(frame);
      placed.push({ ...wish, anchor, dx, dy });
      done = true;
      break;
    }
    if (!done && wish.always) {
      const [anchor, dx, dy] = choices[0]!;
      placed.push({ ...wish, anchor, dx, dy });
    }
  }
  return placed;
}
