// What is in view, counted and listed from the same boxes that the map draws.
import { computed } from '@preact/signals';
import { severity } from '../describe';
import { t } from '../i18n';
import { number } from '../i18n/format';
import { overlaps } from '../map/geometry';
import { boxFor } from '../map/scene';
import { bounds } from '../map/view';
import { collections, type Collection, type Feature } from '../model';
import { atMs, features, hidden } from '../state';

export interface Entry { collection: Collection; feature: Feature; rank: number }

export const countsInView = computed(() => {
  const view = bounds.value;
  const counts: Partial<Record<Collection, number>> = {};
  for (const collection of collections) {
    let n = 0;
    for (const f of features.value[collection]?.values() ?? []) if (overlaps(boxFor(f), view)) n++;
    counts[collection] = n;
  }
  return counts;
});

const listed: Collection[] = ['controlled-zones', 'roadblocks', 'national-roads', 'police-facilities', 'ports', 'airports', 'facilities', 'incidents'];

/** Everything switched on and in view, the most severe first. */
export const entriesInView = computed<Entry[]>(() => {
  const view = bounds.value;
  const at = atMs.value;
  const entries: Entry[] = [];
  for (const collection of listed) {
    if (hidden.value.has(collection)) continue;
    for (const feature of features.value[collection]?.values() ?? []) {
      if (overlaps(boxFor(feature), view)) entries.push({ collection, feature, rank: severity(collection, feature, at) });
    }
  }
  return entries.sort((a, b) => b.rank - a.rank || (a.feature.id < b.feature.id ? -1 : 1));
});

/** "4 zones, 2 barrages, 1 port": the sentence spoken after the map has moved. */
export function countSentence(): string {
  const words = listed
    .filter((c) => !hidden.value.has(c) && (countsInView.value[c] ?? 0) > 0)
    .map((c) => t(`count.${c}` as Parameters<typeof t>[0], { n: number(countsInView.value[c]!), count: countsInView.value[c]! }));
  return words.join(', ') || t('app.nothing');
}
