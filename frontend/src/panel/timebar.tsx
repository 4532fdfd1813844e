// The valid date: a slider of days from June 2021 to today, steps by day, week or month.
import { signal } from '@preact/signals';
import { t } from '../i18n';
import { date, isoDay, number } from '../i18n/format';
import { Icon } from '../map/map';
import { datetime, live, nowMs } from '../state';
import { setDatetime } from '../store';

export const FIRST_DAY = '2021-06-01';
const DAY_MS = 86_400_000;
const firstMs = Date.parse(`${FIRST_DAY}T00:00:00Z`);
const NOON_UTC = 'T17:00:00Z'; // about noon in Haiti, so that a day is the same day in both

type Step = 'day' | 'week' | 'month';
const step = signal<Step>('month');

const today = () => Math.floor((Date.parse(`${isoDay(nowMs.value)}T00:00:00Z`) - firstMs) / DAY_MS);
const dayNumber = (iso: string) => Math.floor((Date.parse(`${iso}T00:00:00Z`) - firstMs) / DAY_MS);
const isoOf = (day: number) => new Date(firstMs + day * DAY_MS).toISOString().slice(0, 10);

/** Moves a day number by a step; a month keeps the day of the month where it exists. */
export function stepped(day: number, by: 1 | -1, size: Step): number {
  if (size !== 'month') return day + by * (size === 'week' ? 7 : 1);
  const d = new Date(firstMs + day * DAY_MS);
  const target = new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + by, 1));
  const last = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(d.getUTCDate(), last));
  return Math.round((target.getTime() - firstMs) / DAY_MS);
}

function go(day: number, waitMs?: number): void {
  const clamped = Math.max(0, Math.min(today(), day));
  setDatetime(clamped >= today() ? null : `${isoOf(clamped)}${NOON_UTC}`, waitMs);
}

export function TimeBar() {
  const end = today();
  const day = datetime.value ? dayNumber(isoDay(Date.parse(datetime.value))) : end;
  const shown = datetime.value ? date(datetime.value, undefined, true) : date(nowMs.value, undefined, true);
  const years = Array.from({ length: new Date(nowMs.value).getUTCFullYear() - 2021 }, (_, i) => 2022 + i);
  return (
    <section class={`timebar ${datetime.value ? 'past' : ''}`} aria-label={t('time.slider')}>
      <div class="time-line">
        <p>
          {t('time.validAt')} <strong>{shown}</strong>
          {live.value.revision > 0 && <span class="known"> · {t('time.knownAt', { n: number(live.value.revision) })}</span>}
          {datetime.value && <em class="past-word">{t('time.past')}</em>}
        </p>
        <div class="time-buttons">
          <label for="time-step" class="unseen">{t('time.step')}</label>
          <select id="time-step" value={step.value} onChange={(event) => { step.value = event.currentTarget.value as Step; }}>
            {(['day', 'week', 'month'] as const).map((s) => <option key={s} value={s}>{t(`time.${s}`)}</option>)}
          </select>
          <button type="button" aria-label={t('time.back')} title={t('time.back')} disabled={day <= 0} onClick={() => go(stepped(day, -1, step.value), 60)}><Icon d="M11 4 6 9 11 14" /></button>
          <button type="button" aria-label={t('time.forward')} title={t('time.forward')} disabled={day >= end} onClick={() => go(stepped(day, 1, step.value), 60)}><Icon d="M7 4 12 9 7 14" /></button>
          <label for="time-pick" class="unseen">{t('time.pick')}</label>
          <input id="time-pick" type="date" min={FIRST_DAY} max={isoOf(end)} value={isoOf(day)} onChange={(event) => { if (event.currentTarget.value) go(dayNumber(event.currentTarget.value)); }} />
          <button type="button" class="now" disabled={!datetime.value} onClick={() => setDatetime(null, 0)}>{t('time.now')}</button>
        </div>
      </div>
      <div class="slider">
        <input type="range" min={0} max={end} value={day} aria-label={t('time.slider')} aria-valuetext={shown} onInput={(event) => go(Number(event.currentTarget.value))} />
        <div class="years" aria-hidden="true">{years.map((y) => <span key={y} style={{ left: `${((dayNumber(`${y}-01-01`) / end) * 100).toFixed(2)}%` }}>{y}</span>)}</div>
      </div>
    </section>
  );
}
