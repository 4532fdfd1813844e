// Areas side by side, by level: who holds how much, each with its denominator.
import { signal, useSignal } from '@preact/signals';
import { text3, word } from '../i18n';
import { area as km2, number } from '../i18n/format';
import { controlType, type Coverage, type CoverageArea, type Range } from '../model';
import { fold } from '../passage';
import { datetime } from '../state';
import * as ask from './ask';
import { area, placeName, showArea } from './places';
import { sourceWords } from './text';
import { Answered, ShareRow } from './value';
import { c } from './words';

export const levels = ['named', 'department', 'commune'] as const;
export const level = signal<(typeof levels)[number]>('named');

export function Levels() {
  return (
    <div class="segments" role="group" aria-label={c('levels')}>
      {levels.map((l) => <button key={l} type="button" aria-pressed={level.value === l} onClick={() => { level.value = l; }}>{c(l)}</button>)}
    </div>
  );
}

export function Compare() {
  const answer = ask.useAnswer(`level ${level.value}`, (signal) => ask.overview(level.value, datetime.value, signal));
  return (
    <>
      <Levels />
      <Answered answer={answer} room={420}>{(data) => <Areas areas={(data as Coverage).areas} notice={text3(data.notice)} />}</Answered>
    </>
  );
}

/** Highest share of the types that restrict passage: the order of the communes. */
const worst = (a: CoverageArea): number =>
  (a.control ?? []).filter((x) => x.control_type !== 'state_held').reduce((sum, x) => sum + (x.high?.share ?? 0), a.status === 'assessed' ? 0 : -1);

export function Areas({ areas, notice, heading = 'h4' }: { areas: CoverageArea[]; notice: string; heading?: 'h3' | 'h4' }) {
  const filter = useSignal('');
  const wanted = fold(filter.value);
  const communes = level.value === 'commune';
  const list = areas
    .filter((a) => a.level === level.value || !a.level)
    .filter((a) => !wanted || fold(text3(a.name)).includes(wanted))
    .sort((a, b) => (communes ? worst(b) - worst(a) || text3(a.name).localeCompare(text3(b.name)) : 0));
  return (
    <>
      {communes && (
        <p><label for="commune-filter" class="unseen">{c('filter')}</label>
          <input id="commune-filter" type="search" placeholder={c('filter')} value={filter.value} onInput={(event) => { filter.value = event.currentTarget.value; }} /></p>
      )}
      {list.map((a) => <AreaView key={a.id} area={a} open={!communes} Heading={heading} />)}
      {notice && <p class="hint">{notice}</p>}
    </>
  );
}

function AreaView({ area: a, open, Heading }: { area: CoverageArea; open: boolean; Heading: 'h3' | 'h4' }) {
  const denominator = a.denominator;
  const withheld = a.status !== 'assessed';
  const name = text3(a.name) || placeName(a.id);
  const rows = (a.control ?? []).filter((x) => (x.high?.share ?? 0) > 0 || (x.central?.share ?? 0) > 0);
  const go = () => {
    if (!withheld) area.value = a.id;
    showArea(a.id, (denominator?.members?.length ?? 0) > 0 ? denominator!.members! : [a.id]);
  };
  return (
    <section class={`area ${withheld ? 'withheld' : ''}`}>
      <Heading><button type="button" class="link" title={withheld ? undefined : c('choose')} onClick={go}>{name}</button></Heading>
      {denominator && denominator.area_km2 != null && (
        <p class="hint">
          {c('denominator', { area: km2(denominator.area_km2), name })}
          {(denominator.members?.length ?? 0) > 1 && ` · ${c('members', { n: denominator.members!.length })}`}
          {denominator.source && ` · ${c('source', { name: sourceWords(denominator.source) })}`}
        </p>
      )}
      {denominator?.note && <p class="note">{text3(denominator.note)}</p>}
      {(denominator?.missing?.length ?? 0) > 0 && <p class="problem">{c('missing', { n: denominator!.missing!.length })}</p>}
      {withheld
        ? <p class="withheld-box"><strong>{c('withheld')}</strong> {c('unpublished')}</p>
        : (
          <>
            {rows.length === 0 && <p class="empty">{c('none')}</p>}
            {rows.map((x) => <Bar key={x.control_type} name={`control-${controlType(x.control_type)}`} text={word('control', x.control_type)} range={x} />)}
            {a.shared && (a.shared.high?.share ?? 0) > 0 && <Bar name="shared" text={c('shared')} range={a.shared} />}
            {a.unassessed && <Bar name="unassessed" text={c('unassessed')} range={a.unassessed} />}
            {open && (a.groups?.length ?? 0) > 0 && (
              <details>
                <summary>{c('groups')} ({number(a.groups!.length)})</summary>
                {a.groups!.map((g) => <Bar key={g.group} name="group" text={g.name ?? g.group} range={g} />)}
              </details>
            )}
          </>
        )}
    </section>
  );
}

function Bar({ name, text, range }: { name: string; text: string; range: Range }) {
  const [low, central, high] = [range.low?.share, range.central?.share, range.high?.share].map((v) => v ?? 0) as [number, number, number];
  const ground = range.central?.area_km2;
  return <ShareRow name={text} hue={name} share={{ low, central, high }} more={ground != null ? km2(ground) : null} />;
}
