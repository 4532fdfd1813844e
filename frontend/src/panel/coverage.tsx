// Territory: low – central – high by control type, each with its denominator. What is withheld or
// not assessed is drawn as loudly as the rest.
import { useEffect } from 'preact/hooks';
import { signal, useSignal } from '@preact/signals';
import * as api from '../api';
import { t, text3, word } from '../i18n';
import { area, date, number, percent } from '../i18n/format';
import { fit } from '../map/view';
import { boxFor } from '../map/scene';
import { controlType, type Coverage, type CoverageArea, type Range } from '../model';
import { fold } from '../passage';
import { asProblem, problemKey, type Problem } from '../problem';
import { audience, datetime, features, live } from '../state';
import '../style/answers.css';

const levels = ['named', 'department', 'commune'] as const;
const level = signal<(typeof levels)[number]>('named');

export function CoveragePanel() {
  const data = useSignal<Coverage | null>(null);
  const problem = useSignal<Problem | null>(null);
  const filter = useSignal('');
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      api.coverage(level.value, datetime.value, abort.signal).then(
        (got) => { data.value = got; problem.value = null; },
        (error: unknown) => { if (!abort.signal.aborted) problem.value = asProblem(error); },
      );
    }, 200);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [level.value, datetime.value, audience.value, live.value.revision]);

  const wanted = fold(filter.value);
  const areas = (data.value?.areas ?? [])
    .filter((a) => a.level === level.value || !a.level)
    .filter((a) => !wanted || fold(text3(a.name)).includes(wanted))
    .sort((a, b) => (level.value === 'commune' ? worst(b) - worst(a) || text3(a.name).localeCompare(text3(b.name)) : 0));
  return (
    <div class="coverage">
      <h2>{t('tab.coverage')}</h2>
      <p class="hint">{t('coverage.hint')}</p>
      <div class="segments" role="group" aria-label={t('tab.coverage')}>
        {levels.map((l) => <button key={l} type="button" aria-pressed={level.value === l} onClick={() => { level.value = l; data.value = null; }}>{t(`coverage.${l}`)}</button>)}
      </div>
      {level.value === 'commune' && (
        <p><label for="commune-filter" class="unseen">{t('coverage.filter')}</label>
          <input id="commune-filter" type="search" placeholder={t('coverage.filter')} value={filter.value} onInput={(event) => { filter.value = event.currentTarget.value; }} /></p>
      )}
      {problem.value && <p class="problem" role="alert">{t(problemKey(problem.value))}</p>}
      {!data.value && !problem.value && <p class="hint">{t('app.loading')}</p>}
      {areas.map((a) => <AreaView key={a.id} area={a} open={level.value !== 'commune'} />)}
      {data.value?.notice && <p class="hint">{text3(data.value.notice)}</p>}
    </div>
  );
}

/** The citation as it is, with its date and its one remark in the reader's language. */
export function sourceWords(citation: string): string {
  return citation
    .replace(/\b\d{1,2} [A-Z][a-z]+ \d{4}\b/, (day) => date(`${day} 12:00 UTC`))
    .replace(/outlines generalised to about (\d+) m/, (_, m: string) => t('coverage.generalised', { m }));
}

/** Highest share of the types that restrict passage: the order of the communes. */
const worst = (a: CoverageArea): number =>
  (a.control ?? []).filter((c) => c.control_type !== 'state_held').reduce((sum, c) => sum + (c.high?.share ?? 0), a.status === 'assessed' ? 0 : -1);

function AreaView({ area: a, open }: { area: CoverageArea; open: boolean }) {
  const denominator = a.denominator;
  const name = text3(denominator?.name);
  const withheld = a.status !== 'assessed';
  const rows = (a.control ?? []).filter((c) => (c.high?.share ?? 0) > 0 || (c.central?.share ?? 0) > 0);
  return (
    <section class={`area ${withheld ? 'withheld' : ''}`}>
      <h3><button type="button" class="link" onClick={() => goTo(a)}>{text3(a.name) || a.id}</button></h3>
      {denominator && denominator.area_km2 != null && (
        <p class="hint">
          {t('coverage.denominator', { area: area(denominator.area_km2), name: name || text3(a.name) })}
          {(denominator.members?.length ?? 0) > 1 && ` · ${t('coverage.members', { n: denominator.members!.length })}`}
          {denominator.source && ` · ${t('coverage.source', { name: sourceWords(denominator.source) })}`}
        </p>
      )}
      {(denominator?.missing?.length ?? 0) > 0 && <p class="problem">{t('coverage.missing', { n: denominator!.missing!.length })}</p>}
      {withheld
        ? <p class="withheld-box"><strong>{t('coverage.withheld')}</strong> {t('coverage.withheldNote')}</p>
        : (
          <>
            {rows.length === 0 && <p class="empty">{t('coverage.none')}</p>}
            {rows.map((c) => <Bar key={c.control_type} name={`control-${controlType(c.control_type)}`} text={word('control', c.control_type)} range={c} />)}
            {a.shared && (a.shared.high?.share ?? 0) > 0 && <Bar name="shared" text={t('coverage.shared')} range={a.shared} />}
            {a.unassessed && <Bar name="unassessed" text={t('coverage.unassessed')} range={a.unassessed} />}
            {open && (a.groups?.length ?? 0) > 0 && (
              <details>
                <summary>{t('coverage.groups')} ({number(a.groups!.length)})</summary>
                {a.groups!.map((g) => <Bar key={g.group} name="group" text={g.name ?? g.group} range={g} />)}
              </details>
            )}
          </>
        )}
    </section>
  );
}

/** Solid to the low value, paler to the central one (with a mark), hatched to the high one. */
function Bar({ name, text, range }: { name: string; text: string; range: Range }) {
  const [a, b, c] = [range.low?.share, range.central?.share, range.high?.share].map((v) => v ?? 0) as [number, number, number];
  const from = Math.min(a, b, c);
  const to = Math.max(a, b, c);
  const width = (v: number) => `${(Math.max(0, Math.min(1, v)) * 100).toFixed(2)}%`;
  const km2 = range.central?.area_km2;
  const whole = t('coverage.rangeText', { control: text, low: percent(a), central: percent(b), high: percent(c) });
  return (
    <div class="bar" role="img" aria-label={whole} title={whole}>
      <span class="bar-name">{text}</span>
      <span class="bar-value"><b>{percent(b)}</b> <small>{percent(from)} – {percent(to)}{km2 != null ? ` · ${area(km2)}` : ''}</small></span>
      <span class={`track ${name}`} aria-hidden="true">
        <span class="to-high" style={{ width: width(to) }} />
        <span class="to-central" style={{ width: width(b) }} />
        <span class="to-low" style={{ width: width(from) }} />
        <span class="mark" style={{ left: width(b) }} />
      </span>
    </div>
  );
}

function goTo(a: CoverageArea): void {
  const members = new Set(a.denominator?.members ?? [a.id]);
  const boxes = [...(features.value['admin-areas']?.values() ?? [])].filter((f) => members.has(f.properties.pcode ?? '') || f.properties.pcode === a.id).map(boxFor);
  if (boxes.length > 0) {
    fit(boxes.reduce((x, y) => ({ west: Math.min(x.west, y.west), south: Math.min(x.south, y.south), east: Math.max(x.east, y.east), north: Math.max(x.north, y.north) })), 40, 12.5);
  }
}
