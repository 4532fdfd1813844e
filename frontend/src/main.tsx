// Start: read the link, choose language and theme, draw, then load and follow.
import { render } from 'preact';
import { effect } from '@preact/signals';
import { App } from './app';
import { lang, setLanguage } from './i18n';
import { fetchTheRest } from './lazy';
import { reveal } from './map/map';
import { project, unproject } from './map/projection';
import { setView, view } from './map/view';
import { ends } from './passage';
import * as s from './state';
import { keptDisplay, restart, setTheme, startClock } from './store';
import { languages, readUrl, writeUrl } from './urlstate';
import './style/base.css';
import './style/panels.css';
import './style/map.css';

const URL_AFTER_MS = 400;

/** /signin#token: the token is taken into memory and leaves the address bar at once. */
function takeLink(): void {
  if (location.pathname !== '/signin') return;
  const token = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, '', '/');
  s.dialog.value = token ? { kind: 'link', token } : { kind: 'signin' };
}

async function start(): Promise<void> {
  takeLink();
  const url = readUrl(location.search);
  const kept = keptDisplay();
  const night = matchMedia('(prefers-color-scheme: dark)');
  setTheme(url.theme ?? (kept.theme === 'night' || kept.theme === 'day' ? kept.theme : night.matches ? 'night' : 'day'));
  if (!url.theme && !kept.theme) night.addEventListener('change', () => { if (!keptDisplay().theme) setTheme(night.matches ? 'night' : 'day'); });
  await setLanguage(url.lang ?? languages.find((l) => l === kept.lang) ?? 'fr');
  s.datetime.value = url.datetime;
  s.focus.value = url.focus;
  if (url.view) setView({ ...project([url.view.lon, url.view.lat]), zoom: url.view.zoom });
  const root = document.getElementById('app');
  if (root) render(<App />, root);
  startClock();
  await restart();
  if (url.focus && !url.view) reveal(url.focus);
  whenQuiet(() => void rest());
  keepUrl(Boolean(url.lang), Boolean(url.theme));
}

const whenQuiet = (work: () => void): void => {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: 2000 });
  else setTimeout(work, 200);
};

/** What the first map does without: panels not yet opened, the bold cut of the font. */
async function rest(): Promise<void> {
  await import('./style/bold.css');
  await fetchTheRest();
}

/** The address follows what is looked at, so that it can be sent on. */
function keepUrl(withLang: boolean, withTheme: boolean): void {
  let timer = 0;
  let first = true;
  const startLang = lang.value;
  const startTheme = s.theme.value;
  effect(() => {
    const [lon, lat] = unproject(view.value);
    const state = {
      focus: s.focus.value,
      lang: withLang || lang.value !== startLang ? lang.value : null,
      theme: withTheme || s.theme.value !== startTheme ? s.theme.value : null,
      datetime: s.datetime.value,
      // The view of a passage would give away its two ends: it stays out of the address.
      view: ends.value.from || ends.value.to ? null : { lon, lat, zoom: view.value.zoom },
    };
    if (first) { first = false; return; }
    clearTimeout(timer);
    timer = window.setTimeout(() => history.replaceState(null, '', `/${writeUrl(state)}`), URL_AFTER_MS);
  });
}

void start();
