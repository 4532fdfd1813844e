// Communes of which nobody told anything in the last week: what is on record there was not looked at again.
import { useSignal } from '@preact/signals';
import { text3 } from '../i18n';
import { number } from '../i18n/format';
import { datetime } from '../state';
import * as ask from './ask';
import { blindCommunes, refusal, rowWith } from './figures';
import { area, placeName, showArea } from './places';
import { FigureRow, Answered, Refused } from './value';
import { c } from './words';

const SHOWN = 24;

export function Blind() {
  const id = area.value;
  const all = useSignal(false);
  const answer = ask.useAnswer(`Q3 ${id}`, (signal) => ask.values('Q3', id, datetime.value, signal));
  return (
    <Answered answer={answer} room={160}>
      {({ values }) => {
        const refused = refusal(values, 'Q3');
        if (refused) return <Refused value={refused} />;
        const blind = blindCommunes(values);
        const density = values.find((v) => v.indicator === 'Q3' && v.of?.['per'] === '100 km2' && !v.of['ref']) ?? rowWith(values, 'Q3');
        const list = [...(blind?.pcodes ?? [])].sort((a, b) => placeName(a).localeCompare(placeName(b), 'fr'));
        const shown = all.value ? list : list.slice(0, SHOWN);
        return (
          <>
            {density && <FigureRow value={density} name={`${c('observations')} ${c('per', { per: '100 km²' })}`} />}
            {blind && <p class="blind-line"><strong>{list.length === 0 ? c('blindNone') : c('blindOf', { n: number(list.length), of: number(blind.of), count: list.length })}</strong></p>}
            <ul class="chips">{shown.map((p) => <li key={p}><button type="button" onClick={() => showArea(p)}>{placeName(p)}</button></li>)}</ul>
            {list.length > shown.length && <button type="button" class="link" onClick={() => { all.value = true; }}>{c('blindShown')} ({number(list.length)})</button>}
            {blind?.value.note && <p class="note">{text3(blind.value.note)}</p>}
          </>
        );
      }}
    </Answered>
  );
}
