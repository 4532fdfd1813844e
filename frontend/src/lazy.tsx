// Parts of the page that the first map does not need: fetched when first shown, or in the quiet
// after the start, whichever comes first.
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { t } from './i18n';

const fetches: (() => Promise<void>)[] = [];

/** A component that is fetched when first drawn; until then, a line that says so, or nothing. */
export function lazy(load: () => Promise<ComponentType>, quiet = false): ComponentType {
  const loaded = signal<{ Part: ComponentType } | null>(null);
  let running: Promise<void> | null = null;
  const fetch = (): Promise<void> => {
    running ??= load().then(
      (Part) => { loaded.value = { Part }; },
      () => { running = null; }, // out of reach: asked for again at the next drawing
    );
    return running;
  };
  fetches.push(fetch);
  return function Lazy() {
    if (loaded.value) return <loaded.value.Part />;
    void fetch();
    return quiet ? null : <p class="hint">{t('app.loading')}</p>;
  };
}

/** Fetches one part after the other, so that each opens at once and also without a network. */
export async function fetchTheRest(): Promise<void> {
  for (const fetch of fetches) await fetch();
}
