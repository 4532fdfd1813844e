// Words for what changed: of what kind, from whose hands into whose, and why the record says so.
import { groupName } from '../describe';
import { hasWord, word } from '../i18n';
import type { Change, Label } from './model';
import { c, hasKey, type Key } from './words';

const own = (key: string, value: string): string => (hasKey(key) ? c(key as Key) : value.replaceAll('_', ' '));

export const kindText = (kind: string): string => own(`kind.${kind}`, kind);
export const causeText = (cause: string): string => own(`cause.${cause}`, cause);

/** What ground is called: its control type and who holds it; ground that nothing names was not assessed. */
export const labelText = (of: Label | null): string =>
  of ? [word('control', of.control_type), (of.groups ?? []).map(groupName).join(', ')].filter(Boolean).join(', ') : c('unassessed');

export function changeTitle({ properties: { kind, from, to } }: Change): string {
  const [before, after] = [labelText(from), labelText(to)];
  return `${kindText(kind)} · ${before === after ? after : `${before} → ${after}`}`;
}

export const sureText = ({ properties: { confidence_label: label } }: Change): string =>
  label && hasWord('confidence', label) ? c('confidence', { label: word('confidence', label) }) : '';
