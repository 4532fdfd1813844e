// The rail on a wide screen, the bottom sheet on a phone: one set of tabs, shown in two ways.
import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { t } from '../i18n';
import { lazy } from '../lazy';
import { coveredPx } from '../map/view';
import { focus, phone, sheet, tab, type SheetStop, type Tab } from '../state';
import { Legend } from './legend';
import { LayerProblems, PublicLine, StatusLine } from './status';
import { TimeBar } from './timebar';

const InView = lazy(async () => (await import('./inview')).InView);
const PassagePanel = lazy(async () => (await import('./passage-form')).PassagePanel);
const CoveragePanel = lazy(async () => {
  const [{ CoveragePanel: Panel }, { readWords }] = await Promise.all([import('../coverage/panel'), import('../coverage/words')]);
  await readWords();
  return Panel;
});

const tabs: Tab[] = ['legend', 'view', 'passage', 'coverage', 'time'];
const tabsShown = (): Tab[] => tabs.filter((x) => x !== 'time' || phone.value);
const stops: SheetStop[] = ['peek', 'half', 'full'];

export function Panels() {
  const element = useRef<HTMLElement>(null);
  const press = useSignal<{ y: number; moved: boolean } | null>(null);
  useEffect(() => {
    const measure = () => { coveredPx.value = phone.value && sheet.value !== 'full' ? (element.current?.offsetHeight ?? 0) : 0; };
    measure();
    const watch = new ResizeObserver(measure);
    if (element.current) watch.observe(element.current);
    return () => watch.disconnect();
  }, []);

  const move = (by: number) => {
    const i = Math.max(0, Math.min(stops.length - 1, stops.indexOf(sheet.value) + by));
    sheet.value = stops[i]!;
  };
  const choose = (next: Tab) => {
    tab.value = next;
    focus.value = null;
    if (sheet.value === 'peek') sheet.value = 'half';
  };
  const onTabKey = (event: KeyboardEvent) => {
    const shown = tabsShown();
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!step) return;
    const next = shown[(shown.indexOf(tab.value) + step + shown.length) % shown.length]!;
    choose(next);
    document.getElementById(`tab-${next}`)?.focus();
    event.preventDefault();
  };

  return (
    <aside class={`panels ${sheet.value} of-${tab.value}`} ref={element} aria-label={t('app.panels')}>
      <button
        type="button" class="handle" aria-label={t(sheet.value === 'full' ? 'app.sheetLess' : 'app.sheetMore')}
        onClick={() => { if (!press.value?.moved) move(sheet.value === 'full' ? -2 : 1); }}
        onPointerDown={(event) => { press.value = { y: event.clientY, moved: false }; event.currentTarget.setPointerCapture(event.pointerId); }}
        onPointerMove={(event) => {
          const p = press.value;
          if (!p || Math.abs(event.clientY - p.y) < 40) return;
          move(event.clientY < p.y ? 1 : -1);
          press.value = { y: event.clientY, moved: true };
        }}
      ><span /></button>
      <StatusLine />
      <div class="tabs" role="tablist" aria-label={t('app.panels')} onKeyDown={onTabKey}>
        {tabsShown().map((x) => (
          <button key={x} id={`tab-${x}`} type="button" role="tab" class={`tab-${x}`} aria-selected={tab.value === x} aria-controls="panel" tabIndex={tab.value === x ? 0 : -1} onClick={() => choose(x)}>
            {t(`tab.${x}`)}
          </button>
        ))}
      </div>
      <div id="panel" class="panel" role="tabpanel" aria-labelledby={`tab-${tab.value}`} tabIndex={0}>
        <LayerProblems />
        <PublicLine />
        {tab.value === 'legend' && <Legend />}
        {tab.value === 'view' && <InView />}
        {tab.value === 'passage' && <PassagePanel />}
        {tab.value === 'coverage' && <CoveragePanel />}
        {tab.value === 'time' && phone.value && <TimeBar />}
      </div>
    </aside>
  );
}
