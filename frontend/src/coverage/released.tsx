// What the public is told: shares released once a day, rounded and late; or that nothing is.
import { text3 } from '../i18n';
import { area as km2, date, dateTime, number, percent } from '../i18n/format';
import type { Coverage } from '../model';
import { datetime, dialog } from '../state';
import * as ask from './ask';
import { Areas, Levels, level } from './compare';
import type { Released, ReleasedArea } from './model';
import { placeName, showArea } from './places';
import { sourceWords } from './text';
import { Answered, ShareRow } from './value';
import { c, hasKey, type Key } from './words';

export const isReleased = (data: Coverage | Released): data is Released => 'released_at' in data;

export function PublicCoverage() {
  const answer = ask.useAnswer(`level ${level.value}`, (signal) => ask.overview(level.value, datetime.value, signal));
  return (
    <>
      <Levels />
      <Answered answer={answer} room={420}>
        {(data) => (isReleased(data) ? <Release release={data} /> : <Areas areas={data.areas} notice={text3(data.notice)} heading="h3" />)}
      </Answered>
      <p class="buttons"><button type="button" onClick={() => { dialog.value = { kind: 'signin' }; }}>{c('signIn')}</button></p>
    </>
  );
}

function Release({ release: r }: { release: Released }) {
  const areas = r.areas.filter((a) => a.level === level.value);
  return (
    <>
      <p class="released"><strong>{c('releasedAt', { date: dateTime(r.released_at) })}</strong> {c('releasedFor', { date: date(r.datetime), n: number(r.revision) })}</p>
      <p class="hint">{c('kRule', { k: number(r.least_sources), step: percent(r.rounding) })}</p>
      {areas.map((a) => <ReleasedView key={a.id} area={a} />)}
      <p class="hint">{text3(r.notice)}</p>
    </>
  );
}

const hues: Record<string, string> = { controlled: 'control-controlled', contested_or_influenced: 'control-contested', other: 'control-state_held', unknown: 'unassessed' };

function ReleasedView({ area: a }: { area: ReleasedArea }) {
  const d = a.denominator;
  const name = text3(a.name) || placeName(a.id);
  return (
    <section class={`area ${a.status}`}>
      <h3><button type="button" class="link" onClick={() => showArea(a.id, (d?.members?.length ?? 0) > 0 ? d!.members! : [a.id])}>{name}</button></h3>
      {a.status === 'assessed' && a.classes
        ? (
          <>
            {d?.area_km2 != null && <p class="hint">{c('denominator', { area: km2(d.area_km2), name: d.name || name })}{d.source && ` · ${c('source', { name: sourceWords(d.source) })}`}</p>}
            {(d?.missing?.length ?? 0) > 0 && <p class="note">{c('releasedMissing', { n: d!.missing!.length })}</p>}
            {a.classes.map((x) => (x.share ? <ShareRow key={x.class} name={hasKey(`class.${x.class}`) ? c(`class.${x.class}` as Key) : x.class} share={x.share} hue={hues[x.class] ?? 'plain'} /> : null))}
          </>
        )
        : <p class="withheld-box"><strong>{c('withheld')}</strong> {c('fewSources')}</p>}
    </section>
  );
}
