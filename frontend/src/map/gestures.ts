// Mouse, wheel, touch and keyboard on the map. A press that does not travel is a click.
import { HAITI, centre, fit, flyZoom, panBy, stop, view, zoomAround } from './view';
import type { XY } from './projection';

const CLICK_PX = 6;
const WHEEL_ZOOM = 0.0022; // zoom levels for each pixel of wheel
const LINE_PX = 32; // a wheel that counts lines
const KEY_PAN_PX = 90;

export interface Gestures {
  onClick(at: XY, target: Element, event: PointerEvent): void;
  onMove?(at: XY): void;
}

/** Attaches to the map element; answers with the way to detach. */
export function attach(element: HTMLElement, handlers: Gestures): () => void {
  const down = new Map<number, XY>();
  let travelled = 0;
  let target: Element | null = null;
  let pinch: { distance: number; zoom: number } | null = null;

  const at = (event: { clientX: number; clientY: number }): XY => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const spread = (): { distance: number; middle: XY } | null => {
    const [a, b] = [...down.values()];
    return a && b ? { distance: Math.hypot(a.x - b.x, a.y - b.y), middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } } : null;
  };

  const onDown = (event: PointerEvent) => {
    if (event.button !== 0 || (event.target as Element).closest('[data-map-control]')) return;
    stop();
    down.set(event.pointerId, at(event));
    if (down.size === 1) { travelled = 0; target = event.target as Element; }
    const s = spread();
    pinch = s ? { distance: Math.max(1, s.distance), zoom: view.value.zoom } : null;
  };
  const onMove = (event: PointerEvent) => {
    const before = down.get(event.pointerId);
    const now = at(event);
    if (!before) return;
    const previous = spread();
    down.set(event.pointerId, now);
    const s = spread();
    if (s && pinch && previous) {
      travelled = CLICK_PX + 1;
      panBy(s.middle.x - previous.middle.x, s.middle.y - previous.middle.y);
      zoomAround(s.middle, pinch.zoom + Math.log2(Math.max(1, s.distance) / pinch.distance));
      return;
    }
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    if (travelled > CLICK_PX) {
      // Captured only now: a captured pointer would take the click away from the feature.
      if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
      element.classList.add('dragging');
      panBy(now.x - before.x, now.y - before.y);
    }
  };
  const onUp = (event: PointerEvent) => {
    if (!down.delete(event.pointerId)) return;
    pinch = null;
    element.classList.remove('dragging');
    if (event.type === 'pointerup' && down.size === 0 && travelled <= CLICK_PX && target) handlers.onClick(at(event), target, event);
  };
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    stop();
    const pixels = event.deltaY * (event.deltaMode === 1 ? LINE_PX : event.deltaMode === 2 ? 400 : 1);
    const speed = event.ctrlKey ? 4 : 1; // a pinch on a trackpad arrives as a wheel with ctrl
    zoomAround(at(event), view.value.zoom - Math.max(-1, Math.min(1, pixels * WHEEL_ZOOM * speed)));
  };
  const onDoubleClick = (event: MouseEvent) => {
    if (!(event.target as Element).closest('[data-map-control],[data-key]')) flyZoom(event.shiftKey ? -1 : 1, at(event));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? KEY_PAN_PX * 3 : KEY_PAN_PX;
    switch (event.key) {
      case 'ArrowLeft': panBy(step, 0); break;
      case 'ArrowRight': panBy(-step, 0); break;
      case 'ArrowUp': panBy(0, step); break;
      case 'ArrowDown': panBy(0, -step); break;
      case '+': case '=': flyZoom(1, centre()); break;
      case '-': case '_': flyZoom(-1, centre()); break;
      case 'Home': case '0': fit(HAITI, 24); break;
      default: return;
    }
    event.preventDefault();
  };

  element.addEventListener('pointerdown', onDown);
  element.addEventListener('pointermove', onMove);
  element.addEventListener('pointerup', onUp);
  element.addEventListener('pointercancel', onUp);
  element.addEventListener('wheel', onWheel, { passive: false });
  element.addEventListener('dblclick', onDoubleClick);
  element.addEventListener('keydown', onKey);
  return () => {
    element.removeEventListener('pointerdown', onDown);
    element.removeEventListener('pointermove', onMove);
    element.removeEventListener('pointerup', onUp);
    element.removeEventListener('pointercancel', onUp);
    element.removeEventListener('wheel', onWheel);
    element.removeEventListener('dblclick', onDoubleClick);
    element.removeEventListener('keydown', onKey);
  };
}
