// What the client knows, as signals. Components read these; actions in store.ts change them.
import { computed, signal } from '@preact/signals';
import type { Collection, Feature, Geometry, Session, Streets, Text3 } from './model';
import { initialLive, type LiveState } from './live';
import type { Key } from './i18n/fr';
import type { Theme } from './palette';
import type { Problem } from './problem';

export type Features = ReadonlyMap<string, Feature>;

export const theme = signal<Theme>('day');
export const features = signal<Partial<Record<Collection, Features>>>({});
/** The road network under the map, null until it is here. */
export const streets = signal<Streets | null>(null);
export const loading = signal(true);
export const layerProblems = signal<Partial<Record<Collection, Problem>>>({});

/** Layers switched off in the legend. */
export const hidden = signal<ReadonlySet<Collection>>(new Set(['incidents']));

export type Tab = 'legend' | 'view' | 'passage' | 'coverage' | 'time';
export const tab = signal<Tab>('legend');
/** Height of the bottom sheet on a phone. */
export type SheetStop = 'peek' | 'half' | 'full';
export const sheet = signal<SheetStop>('half');

export interface Focus { collection: Collection; id: string }
const narrow = typeof matchMedia === 'function' ? matchMedia('(max-width: 760px)') : null;
/** A phone: the panels are a bottom sheet, and the date is one of its tabs. */
export const phone = signal(narrow?.matches ?? false);
narrow?.addEventListener('change', () => { phone.value = narrow.matches; });

export const focus = signal<Focus | null>(null);
export const hovered = signal<Focus | null>(null);

/** The valid time asked for; null follows the clock. */
export const datetime = signal<string | null>(null);
/** The clock, moved on every half minute so that ages and rings run. */
export const nowMs = signal(Date.now());
/** The moment the map is drawn for. */
export const atMs = computed(() => (datetime.value ? Date.parse(datetime.value) : nowMs.value));

export const live = signal<LiveState>(initialLive);
export const audience = signal('public');
export const session = signal<Session>({ account: null, audience: 'public', csrf: null });
export const notice = signal<Text3 | string | null>(null);
export const groupNames = signal<ReadonlyMap<string, Text3>>(new Map());

/** One line for the polite live region. */
export const announcement = signal('');
/** Things changed since the page was loaded, newest first. */
export const changeLog = signal<readonly { focus: Focus; text: string; removed: boolean }[]>([]);
export const pillOpen = signal(false);
/** Ground that a panel points at: drawn over everything until the panel lets go of it. */
export const pointedAt = signal<Geometry | null>(null);
export const recentlyChanged = signal<ReadonlySet<string>>(new Set());

export type DialogKind = { kind: 'signin' } | { kind: 'link'; token: string } | null;
export const dialog = signal<DialogKind>(null);
export const problemLine = signal<Key | null>(null);

export const isPublic = computed(() => audience.value === 'public');

export function feature(f: Focus | null): Feature | null {
  return f ? (features.value[f.collection]?.get(f.id) ?? null) : null;
}

export const same = (a: Focus | null, b: Focus | null): boolean => a?.id === b?.id && a?.collection === b?.collection;
