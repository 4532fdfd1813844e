// The page: header, rail or sheet, map, card, time bar; and what listens to the whole of it.
import { useEffect } from 'preact/hooks';
import { lang, t } from './i18n';
import { Icon, MapView } from './map/map';
import { countSentence } from './panel/counts';
import { Panels } from './panel/panels';
import { AccountButton } from './panel/account';
import { lazy } from './lazy';
import { ChangesPill, Notice } from './panel/status';
import { TimeBar } from './panel/timebar';
import { number } from './i18n/format';
import { announcement, dialog, focus, loading, phone, pillOpen, theme } from './state';
import { changeLanguage, choose, keepDisplay, setTheme } from './store';
import { view } from './map/view';
import { languages } from './urlstate';

const SPOKEN_AFTER_MS = 900;
const Card = lazy(async () => (await import('./panel/card')).Card, true);
const SignInDialog = lazy(async () => (await import('./panel/signin')).SignInDialog, true);
let cardShown = false; // once shown it stays, for it gives the focus back when it closes
let dialogShown = false;

export function App() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || dialog.value) return;
      if (pillOpen.value) pillOpen.value = false;
      else if (focus.value) choose(null);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  // A sentence after each move of the map, for those who do not see it.
  useEffect(() => {
    let timer = 0;
    let first = true;
    const stop = view.subscribe(() => {
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        if (first) { first = false; return; }
        announcement.value = t('app.spoken', { zoom: number(view.value.zoom), list: countSentence() });
      }, SPOKEN_AFTER_MS);
    });
    return () => { clearTimeout(timer); stop(); };
  }, []);

  cardShown ||= focus.value !== null;
  dialogShown ||= dialog.value !== null;
  return (
    <div class="page" aria-busy={loading.value}>
      <a class="skip" href="#panel">{t('app.skip')}</a>
      <Header />
      <Panels />
      <main>
        <MapView />
        <Notice />
        <ChangesPill />
        {cardShown && <Card />}
      </main>
      {!phone.value && <div class="footer"><TimeBar /></div>}
      {dialogShown && <SignInDialog />}
      <p class="unseen" aria-live="polite">{announcement.value}</p>
    </div>
  );
}

function Header() {
  const night = theme.value === 'night';
  return (
    <header class="header">
      <h1><svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" /><path class="edges" d="M8 27 14 5M24 27 18 5" /><path class="middle" d="M16 6V10M16 14V18M16 22V27" /></svg>{t('app.title')}</h1>
      <p class="tagline">{t('app.tagline')}</p>
      <div class="tools">
        {loading.value && <span class="busy">{t('app.loading')}</span>}
        <div class="languages" role="group" aria-label={t('app.language')}>
          {languages.map((l) => (
            <button key={l} type="button" lang={l} aria-pressed={lang.value === l} onClick={() => void changeLanguage(l)}>{l === 'ht' ? 'KR' : l.toUpperCase()}<span class="unseen"> {({ fr: 'Français', ht: 'Kreyòl', en: 'English' })[l]}</span></button>
          ))}
        </div>
        <button
          type="button" class="theme" aria-label={t(night ? 'app.day' : 'app.night')} title={t(night ? 'app.day' : 'app.night')}
          onClick={() => { setTheme(night ? 'day' : 'night'); keepDisplay(lang.value, theme.value); }}
        ><Icon d={night ? 'M9 5.5A3.5 3.5 0 1 0 9 12.5 3.5 3.5 0 1 0 9 5.5M9 1V3M9 15V17M1 9H3M15 9H17M3.3 3.3 4.7 4.7M13.3 13.3 14.7 14.7M14.7 3.3 13.3 4.7M4.7 13.3 3.3 14.7' : 'M14.5 11A6 6 0 0 1 7 3.5 6 6 0 1 0 14.5 11Z'} /></button>
        <AccountButton />
      </div>
    </header>
  );
}
