// Typed dictionaries in about a kilobyte. French is bundled; the others are fetched when chosen.
import { signal } from '@preact/signals';
import type { Text3 } from '../model';
import type { Lang } from '../urlstate';
import { fr, type Key } from './fr';

export type Dictionary = Record<Key, string>;
export type { Key };

export const lang = signal<Lang>('fr');
const dictionary = signal<Dictionary>(fr);

export async function setLanguage(next: Lang): Promise<void> {
  const words: Dictionary = next === 'ht' ? (await import('./ht')).ht : next === 'en' ? (await import('./en')).en : fr;
  dictionary.value = words;
  lang.value = next;
  document.documentElement.lang = next;
}

/** Fills {name} holes, and picks "singular|plural" by n: French counts 0 and 1 as singular, English 1 alone. */
export function fill(template: string, values: Record<string, string | number>, language: Lang): string {
  const forms = template.split('|');
  const n = Number(values['count'] ?? values['n']);
  const singular = forms.length < 2 || (language === 'fr' ? Math.abs(n) < 2 : n === 1);
  const form = singular ? forms[0]! : forms[1]!;
  return form.replace(/\{(\w+)\}/g, (hole, name: string) => (name in values ? String(values[name]) : hole));
}

export const t = (key: Key, values: Record<string, string | number> = {}): string =>
  fill(dictionary.value[key], values, lang.value);

/** The word for a value of an enumeration; a value without a word is shown as it is, never hidden. */
export function word(group: string, value: string | number | null | undefined): string {
  if (value == null || value === '') return t('legend.unknown');
  const key = `${group}.${value}`;
  return key in fr ? t(key as Key) : String(value).replaceAll('_', ' ');
}

export const hasWord = (group: string, value: string): boolean => `${group}.${value}` in fr;

/** A text of the server in the reader's language, else in any. */
export function text3(text: Text3 | string | null | undefined): string {
  if (!text) return '';
  if (typeof text === 'string') return text;
  return text[lang.value] ?? text.fr ?? text.en ?? text.ht ?? '';
}
