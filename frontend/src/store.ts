// Actions: loading, following the stream, choosing. Everything that changes state.ts on purpose.
import { batch } from '@preact/signals';
import * as api from './api';
import { validAt } from './confidence';
import { setLanguage, t } from './i18n';
import { featureTitle } from './describe';
import { follow, reduce, type Connection, type LiveEvent } from './live';
import { collections, isCollection, type Change, type Collection, type Feature, type RevisionEvent } from './model';
import { coveredRightPx } from './map/view';
import { applyPalette, type Theme } from './palette';
import { Problem, asProblem } from './problem';
import * as s from './state';
import type { Lang } from './urlstate';

const MAX_LOG = 60;
const CLOCK_MS = 30_000;
const HIGHLIGHT_MS = 6_000;
const MAX_SINGLE_FETCHES = 40; // more changes than this in one revision: load the layers again

let connection: Connection | null = null;
let loadAbort: AbortController | null = null;
const pending = new Set<Collection>(); // layers asked for and not yet here
let loadedRevision = 0;

/** The instant to ask for: the chosen one, or now to the minute so that caches can help. */
const asked = () => s.datetime.value ?? new Date(Math.ceil(Date.now() / 60_000) * 60_000).toISOString().replace('.000', '');

const put = (collection: Collection, list: Feature[]) => {
  s.features.value = { ...s.features.value, [collection]: new Map(list.map((f) => [f.id, f])) };
};

/** Loads the given layers; what was there stays on the screen until the answer comes. */
export async function load(which: readonly Collection[] = collections): Promise<void> {
  // A newer load takes over the layers that an older one still waits for.
  loadAbort?.abort();
  const abort = new AbortController();
  loadAbort = abort;
  for (const collection of which) pending.add(collection);
  s.loading.value = true;
  let oldest = Number.POSITIVE_INFINITY;
  const problems = { ...s.layerProblems.value };
  // A list that does not come withholds nothing: each layer then speaks for itself.
  const held = await api.held(abort.signal).catch(() => null);
  await Promise.all([...pending].map(async (collection) => {
    try {
      if (held && !held.has(collection)) {
        put(collection, []);
        throw new Problem(404, 'withheld');
      }
      const { features, revision } = await api.items(collection, asked(), abort.signal);
      if (abort.signal.aborted) return;
      oldest = Math.min(oldest, revision ?? oldest);
      put(collection, features);
      delete problems[collection];
    } catch (error) {
      if (!abort.signal.aborted) problems[collection] = asProblem(error);
    }
    if (!abort.signal.aborted) pending.delete(collection);
  }));
  if (abort.signal.aborted) return;
  batch(() => {
    s.layerProblems.value = problems;
    s.loading.value = false;
  });
  if (Number.isFinite(oldest)) {
    loadedRevision = oldest;
    if (oldest > s.live.value.revision) s.live.value = { ...s.live.value, revision: oldest };
  }
}

api.onVintage((vintage) => {
  if (vintage.audience && vintage.audience !== s.audience.value) s.audience.value = vintage.audience;
  if (vintage.revision !== null) dispatch({ type: 'age', ageS: vintage.ageS });
});

export function dispatch(event: LiveEvent): void {
  const step = reduce(s.live.value, event);
  s.live.value = step.state;
  if (step.effect.type === 'fetch') void applyChanges(step.effect.data);
  if (step.effect.type === 'reload') void load().then(() => { s.announcement.value = t('live.reloaded'); void loadStreets(); });
}

/** Brings the changed things up to date in place, then says what changed. */
async function applyChanges(event: RevisionEvent): Promise<void> {
  const known = event.changes.filter((c): c is Change & { collection: Collection } => isCollection(c.collection));
  if (known.length > MAX_SINGLE_FETCHES || s.datetime.value) {
    await load([...new Set(known.map((c) => c.collection))]);
    announce(known.map((c) => ({ focus: { collection: c.collection, id: c.id }, removed: c.action === 'delete' })));
    return;
  }
  const again = new Set<Collection>();
  const done = await Promise.all(known.map(async (change) => {
    const target = { collection: change.collection, id: change.id };
    const before = s.feature(target);
    if (change.action === 'delete') { drop(target); return { focus: target, removed: true, was: before }; }
    try {
      const feature = await api.item(change.collection, change.id);
      // The latest state may begin later or be over: then the layer is asked for this moment.
      if (validAt(feature.properties, Date.now())) put1(target, feature);
      else if (feature.properties.valid_to && Date.parse(feature.properties.valid_to) <= Date.now()) drop(target);
      else again.add(change.collection);
      return { focus: target, removed: !validAt(feature.properties, Date.now()), was: feature };
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 404 || problem.status === 410) drop(target);
      else again.add(change.collection);
      return { focus: target, removed: true, was: before };
    }
  }));
  if (again.size > 0) await load([...again]);
  announce(done);
}

function put1(target: s.Focus, feature: Feature): void {
  const map = new Map(s.features.value[target.collection]);
  map.set(target.id, feature);
  s.features.value = { ...s.features.value, [target.collection]: map };
}

function drop(target: s.Focus): void {
  const map = new Map(s.features.value[target.collection]);
  if (map.delete(target.id)) s.features.value = { ...s.features.value, [target.collection]: map };
}

function announce(changes: { focus: s.Focus; removed: boolean; was?: Feature | null }[]): void {
  if (changes.length === 0) return;
  const entries = changes.map(({ focus, removed, was }) => {
    const found = s.feature(focus) ?? was ?? null;
    return { focus, removed, text: found ? featureTitle(focus.collection, found.properties) : t(`layer.${focus.collection}`) };
  });
  const ids = new Set(entries.map((e) => e.focus.id));
  batch(() => {
    s.changeLog.value = [...entries, ...s.changeLog.value.filter((e) => !ids.has(e.focus.id))].slice(0, MAX_LOG);
    s.recentlyChanged.value = ids;
    const what = entries.slice(0, 3).map((e) => (e.removed ? `${e.text} (${t('live.removed')})` : e.text)).join(' ; ');
    s.announcement.value = t('live.announce', { n: entries.length, what });
  });
  setTimeout(() => { if (s.recentlyChanged.value === ids || [...ids].every((id) => s.recentlyChanged.value.has(id))) s.recentlyChanged.value = new Set(); }, HIGHLIGHT_MS);
}

/** Signs of the server that are not features: who is asking, the notice, the names of groups. */
export async function hello(): Promise<void> {
  const [session, status, groups] = await Promise.allSettled([api.session(), api.status(), api.groups()]);
  batch(() => {
    if (session.status === 'fulfilled') { s.session.value = session.value; s.audience.value = session.value.audience; }
    if (status.status === 'fulfilled') s.notice.value = status.value.notice ?? null;
    if (groups.status === 'fulfilled') {
      s.groupNames.value = new Map((groups.value.groups ?? []).map((g) => [g.id, { fr: g.name_fr ?? g.id, ht: g.name_ht ?? g.name_fr ?? g.id, en: g.name_en ?? g.name_fr ?? g.id }]));
    }
  });
}

/** Starts anew for the present audience: nothing of another audience stays in memory. */
export async function restart(): Promise<void> {
  connection?.close();
  batch(() => {
    s.features.value = {};
    s.changeLog.value = [];
    s.live.value = { ...s.live.value, revision: 0, changes: 0 };
  });
  await Promise.all([hello(), load()]);
  connection = follow(loadedRevision, dispatch, api.status);
  void loadStreets();
}

// Boundaries and place names are the same ground at any date of the slider.
const changing = collections.filter((c) => c !== 'admin-areas' && c !== 'places');
/** Fetches the streets once, after the first map; without them the map is complete all the same. */
export async function loadStreets(): Promise<void> {
  if (s.streets.value) return;
  try {
    s.streets.value = await api.streets();
  } catch { /* asked again when the layers are loaded anew */ }
}

let datetimeTimer = 0;
/** Chooses the valid time; the layers follow after a short rest of the slider. */
export function setDatetime(next: string | null, waitMs = 250): void {
  if (next === s.datetime.value) return;
  s.datetime.value = next;
  clearTimeout(datetimeTimer);
  datetimeTimer = window.setTimeout(() => void load(changing), waitMs);
}

export function setTheme(next: Theme): void {
  s.theme.value = next;
  applyPalette(next, document.documentElement);
}

const CARD_PX = 390;
const KEPT = 'pasaj-display'; // language and theme only; nothing of the map or of a passage is kept
export function keepDisplay(lang: Lang, theme: Theme): void {
  try { localStorage.setItem(KEPT, JSON.stringify({ lang, theme })); } catch { /* storage may be refused: then nothing is kept */ }
}
export function keptDisplay(): { lang?: string; theme?: string } {
  try { return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as { lang?: string; theme?: string }; } catch { return {}; }
}

export function choose(target: s.Focus | null): void {
  s.focus.value = target;
  coveredRightPx.value = target && !s.phone.value ? CARD_PX : 0;
  if (target && s.sheet.value === 'peek') s.sheet.value = 'half';
}

export function toggleLayer(collection: Collection): void {
  const next = new Set(s.hidden.value);
  if (!next.delete(collection)) next.add(collection);
  s.hidden.value = next;
}

export function startClock(): void {
  setInterval(() => { s.nowMs.value = Date.now(); }, CLOCK_MS);
}

export const changeLanguage = async (lang: Lang): Promise<void> => {
  await setLanguage(lang);
  keepDisplay(lang, s.theme.value);
};
