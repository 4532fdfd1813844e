// "In view": the same objects as the map shows, as real buttons, the most severe first; and a
// search for places.
import { useSignal } from '@preact/signals';
import { hoursBetween } from '../confidence';
import { confidenceWord, featureTitle, holdersOf, kindOf } from '../describe';
import { t, word } from '../i18n';
import { age } from '../i18n/format';
import { reveal } from '../map/map';
import { project } from '../map/projection';
import { flyTo } from '../map/view';
import { fold, gazetteer, readPoint } from '../passage';
import { atMs, focus, loading, same } from '../state';
import { choose } from '../store';
import { entriesInView, type Entry } from './counts';
import { FeatureIcon } from './feature-icon';

const SHOWN = 60;

export function InView() {
  const entries = entriesInView.value;
  return (
    <div class="inview">
      <Search />
      <h2 id="inview-title">{t('tab.view')} <span class="count">{entries.length}</span></h2>
      <p class="hint">{t('view.hint')}</p>
      {entries.length === 0 && <p class="empty">{loading.value ? t('app.loading') : t('view.empty')}</p>}
      <ul class="entries" aria-labelledby="inview-title">
        {entries.slice(0, SHOWN).map((e) => <li key={`${e.collection}:${e.feature.id}`}><EntryButton entry={e} /></li>)}
      </ul>
      {entries.length > SHOWN && <p class="hint">{t('app.more', { n: entries.length - SHOWN })}</p>}
    </div>
  );
}

function EntryButton({ entry: { collection, feature } }: { entry: Entry }) {
  const p = feature.properties;
  const target = { collection, id: feature.id };
  return (
    <button
      type="button" class="entry" aria-pressed={same(focus.value, target)}
      onClick={() => { choose(target); reveal(target); }}
    >
      <FeatureIcon collection={collection} p={p} />
      <span class="grow">
        <strong>{featureTitle(collection, p)}</strong>
        <small>{summary(collection, p)}</small>
      </span>
    </button>
  );
}

function summary(collection: Entry['collection'], p: Entry['feature']['properties']): string {
  const at = atMs.value;
  const words: string[] = [];
  const kind = kindOf(collection, p);
  if (kind !== featureTitle(collection, p)) words.push(kind);
  if (collection === 'controlled-zones') {
    const holders = holdersOf(p);
    if (holders) words.push(holders);
    if (p.claim_level === 'claimed') words.push(word('claim', 'claimed'));
    words.push(`${t('card.how').toLowerCase()} ${confidenceWord(p, at)}`);
  } else if (collection === 'roadblocks') {
    if (p.state) words.push(word('state', p.state));
    words.push(`${t('card.how').toLowerCase()} ${confidenceWord(p, at)}`);
    if (p.last_confirmed_at) words.push(age(hoursBetween(p.last_confirmed_at, at)));
  } else if (p.functional) {
    words.push(word('functional', p.functional));
  } else if (collection === 'national-roads' && p.cause) {
    words.push(word('cause', p.cause));
  }
  return words.join(' · ');
}

function Search() {
  const query = useSignal('');
  const wanted = fold(query.value);
  const point = readPoint(query.value);
  const found = wanted.length >= 2 && !point
    ? gazetteer.value.filter((p) => p.folded.includes(wanted)).sort((a, b) => Number(b.folded.startsWith(wanted)) - Number(a.folded.startsWith(wanted))).slice(0, 7)
    : [];
  const go = (at: [number, number]) => { flyTo({ ...project(at), zoom: 13 }); query.value = ''; };
  return (
    <form
      role="search" class="search" autocomplete="off"
      onSubmit={(event) => { event.preventDefault(); const at = point ?? found[0]?.at; if (at) go(at); }}
    >
      <label for="place-search">{t('view.search')}</label>
      <input id="place-search" type="search" placeholder={t('view.searchHint')} value={query.value} onInput={(event) => { query.value = event.currentTarget.value; }} />
      {found.length > 0 && (
        <ul class="found">
          {found.map((p) => <li key={p.folded}><button type="button" onClick={() => go(p.at)}>{p.name}</button></li>)}
        </ul>
      )}
      {wanted.length >= 3 && found.length === 0 && !point && <p class="hint" role="status">{t('view.noResult')}</p>}
    </form>
  );
}
