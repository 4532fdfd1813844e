// The state of the data, always on screen: live, delayed or offline; revision; audience; age;
// the notice; and what this audience does not get to see.
import { t, text3, word } from '../i18n';
import { number, span } from '../i18n/format';
import { reveal } from '../map/map';
import { feature, audience, changeLog, dialog, isPublic, layerProblems, live, notice, pillOpen } from '../state';
import { choose, load } from '../store';
import { problemKey } from '../problem';
import { FeatureIcon } from './feature-icon';

export function StatusLine() {
  const { word: state, revision, ageS } = live.value;
  const words = state === 'delayed' && ageS > 0 ? t('live.delayedBy', { age: span(ageS) }) : t(`live.${state}`);
  return (
    <p class={`status ${state}`}>
      <span class="dot" aria-hidden="true" />
      <strong>{words}</strong>
      {revision > 0 && <span>{t('live.revision', { n: number(revision) })}</span>}
      <span class="audience">{t('live.audience', { audience: word('audience', audience.value) })}</span>
    </p>
  );
}

export function Notice() {
  return <p class="notice" role="note">{text3(notice.value) || t('notice.default')}</p>;
}

export function PublicLine() {
  if (!isPublic.value) return null;
  return (
    <p class="public-line">
      {t('sign.withheld')} <button type="button" class="link" onClick={() => { dialog.value = { kind: 'signin' }; }}>{t('sign.withheldAction')}</button>
    </p>
  );
}

export function LayerProblems() {
  const withheld = new Set(isPublic.value ? [401, 403, 404] : []);
  const broken = Object.entries(layerProblems.value).filter(([, p]) => p && !withheld.has(p.status));
  if (broken.length === 0) return null;
  const [, first] = broken[0]!;
  return (
    <p class="problem line" role="alert">
      {broken.length > 2 ? t(problemKey(first!)) : broken.map(([layer, p]) => `${t('problem.layer', { layer: t(`layer.${layer}` as Parameters<typeof t>[0]) })} ${t(problemKey(p!))}`).join(' ')}
      {' '}<button type="button" class="link" onClick={() => void load()}>{t('app.retry')}</button>
    </p>
  );
}

/** "N changes": a pill that opens the list of what moved since the page was loaded. */
export function ChangesPill() {
  const n = changeLog.value.length;
  if (n === 0) return null;
  return (
    <div class="changes" data-map-control>
      <button type="button" class="pill" aria-expanded={pillOpen.value} onClick={() => { pillOpen.value = !pillOpen.value; }}>{t('live.changes', { n })}</button>
      {pillOpen.value && (
        <div class="changes-list">
          <h2>{t('live.since')}</h2>
          <ul>
            {changeLog.value.slice(0, 12).map((c) => {
              const f = feature(c.focus);
              return (
                <li key={`${c.focus.collection}:${c.focus.id}`}>
                  <button type="button" class="entry" disabled={!f} onClick={() => { choose(c.focus); reveal(c.focus); pillOpen.value = false; }}>
                    {f && <FeatureIcon collection={c.focus.collection} p={f.properties} />}
                    <span class="grow"><strong>{c.text}</strong><small>{t(`layer.${c.focus.collection}`)}{c.removed ? ` · ${t('live.removed')}` : ''}</small></span>
                  </button>
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </div>
  );
}
