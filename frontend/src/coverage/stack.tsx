// A whole cut into parts, as one bar, with its words in a table: roads by state, facilities by
// whether they work. Each part has a pattern of its own; what is unknown is hatched.
import { number } from '../i18n/format';
import type { Parts } from './figures';
import { amountText } from './text';
import { c, type Key } from './words';

export interface StackRow { key: string; name: string; parts: Parts }

export function Stacks({ rows, names, words, caption, first, onPick }: {
  rows: StackRow[]; names: readonly string[]; words: 'road' | 'works'; caption: string; first: string; onPick?: (key: string) => void;
}) {
  const label = (n: string) => c(`${words}.${n}` as Key);
  return (
    <div class="stacks">
      <ul class="stack-key" aria-hidden="true">{names.map((n) => <li key={n}><span class={`swatch ${words}-${n}`} />{label(n)}</li>)}</ul>
      {rows.map((r) => <Stack key={r.key} row={r} names={names} words={words} {...(onPick ? { onPick: () => onPick(r.key) } : {})} />)}
      <details class="twin">
        <summary>{c('values')}</summary>
        <div class="table" tabIndex={0} role="region" aria-label={caption}>
          <table>
            <caption>{caption}</caption>
            <thead><tr><th scope="col">{first}</th>{names.map((n) => <th key={n} scope="col">{label(n)}</th>)}<th scope="col">{c('total')}</th></tr></thead>
            <tbody>
              {rows.map((r) => (
                <tr key={r.key}>
                  <th scope="row">{r.name}</th>
                  {names.map((n) => <td key={n}>{plain(r.parts.part[n]!, r.parts.unit)}</td>)}
                  <td>{plain(r.parts.total, r.parts.unit)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}

const plain = (x: number, unit: string) => number(x, unit === 'km' && x > 0 && x < 100 ? 1 : 0);

function Stack({ row: { name, parts }, names, words, onPick }: { row: StackRow; names: readonly string[]; words: 'road' | 'works'; onPick?: () => void }) {
  const text = Object.fromEntries(names.map((n) => [n, amountText(parts.part[n]!, parts.unit)]));
  const sum = words === 'road'
    ? c('roadKm', { open: text['open']!, restricted: text['restricted']!, closed: text['closed']!, unknown: text['unknown']!, length: amountText(parts.total, parts.unit) })
    : c('worksSum', { full: text['full']!, partial: text['partial']!, none: text['none']!, unknown: text['unknown']!, total: amountText(parts.total, parts.unit) });
  return (
    <div class="stack">
      <p class="stack-name">{onPick ? <button type="button" class="link" onClick={onPick}>{name}</button> : <strong>{name}</strong>} <small>{amountText(parts.total, parts.unit)}</small></p>
      <div class="stack-bar" role="img" aria-label={`${name}. ${sum}`} title={sum}>
        {names.map((n) => (parts.part[n]! > 0 ? <span key={n} class={`part ${words}-${n}`} style={{ flexGrow: parts.part[n]! / parts.total, flexBasis: '0' }} /> : null))}
      </div>
    </div>
  );
}
