// The words of this screen. They come with it, so that the first map does without them; only the
// language in use is fetched.
import { effect, signal } from '@preact/signals';
import { fill, lang } from '../../i18n';
import { fr } from './fr';

export type Key = keyof typeof fr;
export type Words = Record<Key, string>;

const words = signal<Words>(fr);
const load = {
  fr: async (): Promise<Words> => fr,
  ht: async (): Promise<Words> => (await import('./ht')).ht,
  en: async (): Promise<Words> => (await import('./en')).en,
};

/** The words of the present language, before the screen is first drawn. */
export async function readWords(): Promise<void> {
  words.value = await load[lang.value]();
}

effect(() => {
  const wanted = lang.value;
  // Out of reach: the screen keeps the language it has.
  load[wanted]().then((got) => { if (lang.peek() === wanted) words.value = got; }, () => {});
});

export const c = (key: Key, values: Record<string, string | number> = {}): string => fill(words.value[key], values, lang.value);
export const hasKey = (key: string): key is Key => key in fr;
