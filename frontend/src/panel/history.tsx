// The versions of one object, fetched when asked for: what was held true, and since when known.
import { useSignal } from '@preact/signals';
import * as api from '../api';
import { kindOf } from '../describe';
import { t, word } from '../i18n';
import { date, number } from '../i18n/format';
import type { Collection, Feature } from '../model';
import { asProblem, problemKey, type Problem } from '../problem';
import { FeatureIcon } from './feature-icon';

export function History({ collection, id }: { collection: Collection; id: string }) {
  const versions = useSignal<Feature[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const load = async (open: boolean) => {
    if (!open || versions.value) return;
    try {
      const got = await api.history(collection, id);
      versions.value = [...got.versions].sort((a, b) => (b.properties.revision ?? 0) - (a.properties.revision ?? 0));
      problem.value = null;
    } catch (error) {
      problem.value = asProblem(error);
    }
  };
  return (
    <details class="history" onToggle={(event) => void load(event.currentTarget.open)}>
      <summary>{t('card.history')}</summary>
      {problem.value && <p class="problem">{t(problemKey(problem.value))}</p>}
      {!versions.value && !problem.value && <p>{t('app.loading')}</p>}
      {versions.value?.length === 0 && <p class="empty">{t('card.noHistory')}</p>}
      <ol>
        {versions.value?.map((v, i) => {
          const p = v.properties;
          return (
            <li key={`${p.revision}-${i}`} class={p.known_to ? 'past' : ''}>
              <FeatureIcon collection={collection} p={p} />
              <span>
                <strong>{[kindOf(collection, p), p.state && word('state', p.state), p.functional && word('functional', p.functional)].filter(Boolean).join(' · ')}</strong>
                <small>{p.valid_from ? t('card.from', { date: date(p.valid_from) }) : ''}{p.valid_to ? ` ${t('card.to', { date: date(p.valid_to) })}` : ''}</small>
                <small>{p.revision != null && t('card.revision', { n: number(p.revision) })}{p.known_from ? ` · ${date(p.known_from)}` : ''}{p.known_to ? '' : ` · ${t('card.current')}`}{p.revision_reason ? ` · ${p.revision_reason}` : ''}</small>
              </span>
            </li>
          );
        })}
      </ol>
    </details>
  );
}
