// The one place that talks to the server. Same origin, cookies only, nothing kept.
import type {
  Collection, Feature, FeatureCollection, PassageAnswer, Position, Session, Status, Streets,
} from './model';
import { asProblem, problemOf } from './problem';

const TIMEOUT_MS = 20_000;
const PAGE = 10_000; // the largest page the API gives
const MAX_PAGES = 10;

/** What every answer says about itself. */
export interface Vintage { revision: number | null; audience: string | null; ageS: number | null }
type Listener = (vintage: Vintage) => void;
let listener: Listener = () => {};
export const onVintage = (l: Listener): void => { listener = l; };

let csrf: string | null = null;

const request = async <T>(path: string, init: RequestInit = {}): Promise<T> => (await exchange<T>(path, init)).body;

async function exchange<T>(path: string, init: RequestInit): Promise<{ body: T; vintage: Vintage }> {
  let response: Response;
  try {
    response = await fetch(path, {
      ...init,
      credentials: 'same-origin',
      redirect: 'error',
      signal: init.signal ? AbortSignal.any([init.signal, AbortSignal.timeout(TIMEOUT_MS)]) : AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        Accept: 'application/geo+json, application/json',
        ...(init.body ? { 'Content-Type': 'application/json' } : {}),
        ...(csrf && init.method && init.method !== 'GET' ? { 'X-CSRF-Token': csrf } : {}),
      },
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw asProblem(error);
  }
  const body: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response.status, body, response.headers.get('Retry-After'));
  const vintage = vintageOf(response.headers);
  listener(vintage);
  return { body: body as T, vintage };
}

export function vintageOf(headers: Headers): Vintage {
  const figure = (name: string) => {
    const value = headers.get(name);
    const n = value === null || value === '' ? Number.NaN : Number(value);
    return Number.isFinite(n) ? n : null;
  };
  return { revision: figure('Pasaj-Revision'), audience: headers.get('Pasaj-Audience'), ageS: figure('Pasaj-Age-S') };
}

/** Ids of the collections that this audience may hold; the rest are withheld from it. */
export const held = async (signal: AbortSignal): Promise<Set<string>> =>
  new Set((await exchange<{ collections: { id: string }[] }>('/collections', { signal })).body.collections.map((c) => c.id));

/** All features of a collection at a valid time, page after page, and the oldest revision they speak of. */
export async function items(
  collection: Collection, datetime: string, signal: AbortSignal,
): Promise<{ features: Feature[]; revision: number | null }> {
  const features: Feature[] = [];
  let revision: number | null = null;
  let path: string | null = `/collections/${collection}/items?limit=${PAGE}&datetime=${encodeURIComponent(datetime)}`;
  for (let page = 0; path && page < MAX_PAGES; page++) {
    const { body, vintage }: { body: FeatureCollection; vintage: Vintage } = await exchange<FeatureCollection>(path, { signal });
    for (const feature of body.features) features.push({ ...feature, id: String(feature.id) });
    if (vintage.revision !== null) revision = Math.min(revision ?? vintage.revision, vintage.revision);
    path = nextPath(body.links);
  }
  return { features, revision };
}

/** The path of the next page; a link to another host is not followed. */
export function nextPath(links: { rel: string; href: string }[] | undefined, origin = location.origin): string | null {
  const href = links?.find((l) => l.rel === 'next')?.href;
  if (!href) return null;
  const url = new URL(href, origin);
  return url.origin === origin ? url.pathname + url.search : null;
}

/** The road network; the same for everybody and rarely new, so the browser's cache answers mostly. */
export const streets = (): Promise<Streets> => request('/v1/roads');

const itemPath = (collection: string, id: string) => `/collections/${collection}/items/${encodeURIComponent(id)}`;

export const item = async (collection: Collection, id: string): Promise<Feature> => {
  const feature = await request<Feature>(itemPath(collection, id));
  return { ...feature, id: String(feature.id) };
};

export const history = (collection: Collection, id: string): Promise<{ id: string; versions: Feature[] }> =>
  request(`${itemPath(collection, id)}/history`);

export interface PassageRequest { points: Position[]; vehicle: string; profile: string; depart_at?: string; datetime?: string }

/** The end points travel in the body of a POST, never in a URL. */
export const passage = (question: PassageRequest, signal: AbortSignal): Promise<PassageAnswer> =>
  request('/v1/passage', { method: 'POST', body: JSON.stringify(question), signal });

/** An answer that parts fetched later ask for, by its path. */
export const get = <T>(path: string, signal: AbortSignal): Promise<T> => request<T>(path, { signal });

export interface Group { id: string; name_fr?: string | null; name_ht?: string | null; name_en?: string | null }
export const groups = (): Promise<{ groups: Group[] }> => request('/v1/groups');

export const status = (): Promise<Status> => request('/v1/status');

const remember = (session: Session): Session => { csrf = session.csrf; return session; };
export const session = async (): Promise<Session> => remember(await request<Session>('/v1/session'));
const post = async (body: object): Promise<Session> =>
  remember(await request<Session>('/v1/session', { method: 'POST', body: JSON.stringify(body) }));
export const signIn = (name: string, password: string): Promise<Session> => post({ name, password });
export const signInByLink = (link: string, password: string | null): Promise<Session> =>
  post(password ? { link, password } : { link });
export const signOut = async (): Promise<void> => {
  await request('/v1/session', { method: 'DELETE' });
  csrf = null;
};
