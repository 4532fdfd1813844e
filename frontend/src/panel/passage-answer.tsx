// The answer: the advice in words, why, how far through whose ground, and until when it holds.
import { useEffect } from 'preact/hooks';
import { groupName } from '../describe';
import { t, text3, word } from '../i18n';
import { age, dateTime, distance, number, percent, span } from '../i18n/format';
import { reveal } from '../map/map';
import { boxOf, parts } from '../map/geometry';
import { fit } from '../map/view';
import { controlType, type PassageAnswer, type Reason, type Refuge } from '../model';
import * as passage from '../passage';
import { choose } from '../store';
import { openingText, reasonDetail, reasonTitle, refugeDetail, refugeName, riskText, targetOf, tollsText } from './passage-words';

export function PassageAnswerView({ answer }: { answer: PassageAnswer }) {
  const show = () => {
    const line = answer.geometry ? parts(answer.geometry).flat() : [];
    if (line.length > 0) fit(boxOf(line), 60, 15);
  };
  useEffect(show, [answer]);
  return (
    <section class={`answer ${answer.advice}`} aria-labelledby="advice">
      <h3 id="advice">{word('advice', answer.advice)}</h3>
      <p>{t(`adviceNote.${answer.advice}`)}</p>
      <p class="figures">
        {t('passage.length', { km: distance(answer.length_m), duration: answer.duration_s != null ? span(answer.duration_s) : '–' })}
        {' · '}{word('vehicle', answer.vehicle)}
        {answer.depart_at && ` · ${dateTime(answer.depart_at)}`}
      </p>
      <ControlStrip answer={answer} />
      {answer.unobserved_m != null && answer.unobserved_m > 0 && answer.length_m > 0 && (
        <p class="unobserved">{t('passage.unobserved', { km: distance(answer.unobserved_m), share: percent(answer.unobserved_m / answer.length_m), total: distance(answer.length_m) })}</p>
      )}
      {answer.risk && <p class="risk"><strong>{t('passage.risk')}{t('passage.colon')}</strong>{riskText(answer.risk)} <small>{t('passage.riskNote')}</small></p>}
      {answer.next_opening && <p class="opening">{openingText(answer.next_opening)}</p>}
      <h3>{t('passage.reasons')} <span class="count">{answer.reasons.length}</span></h3>
      {answer.reasons.length === 0 && <p class="empty">{t('passage.noReasons')}</p>}
      <ol class="reasons">{answer.reasons.map((reason, i) => <li key={i}><ReasonButton reason={reason} /></li>)}</ol>
      {tollsText(answer) && <p>{tollsText(answer)}</p>}
      {answer.groups && answer.groups.length > 0 && <p><strong>{t('passage.groups')}{t('passage.colon')}</strong>{answer.groups.map((g) => `${groupName(g.group)} ${distance(g.length_m)}`).join(' · ')}</p>}
      {answer.refuges && answer.refuges.length > 0 && (
        <>
          <h3>{t('passage.refuges')} <span class="count">{answer.refuges.length}</span></h3>
          <ol class="reasons">{answer.refuges.map((refuge) => <li key={refuge.id}><RefugeButton refuge={refuge} /></li>)}</ol>
        </>
      )}
      {answer.oldest_confirmation_h != null && (
        <p class="hint">{t('passage.confirmations', { oldest: age(answer.oldest_confirmation_h), median: age(answer.median_confirmation_h) })}</p>
      )}
      <p class="foot">
        {answer.valid_until && <strong>{t('passage.validUntil', { date: dateTime(answer.valid_until) })}</strong>}
        <span>{t('passage.revision', { n: number(answer.revision), audience: word('audience', answer.audience) })}</span>
        {answer.network && <span>{t('passage.network', { name: answer.network.name, precision: distance(answer.network.precision_m) })}</span>}
        {answer.notice && <span>{text3(answer.notice)}</span>}
      </p>
      <p class="buttons"><button type="button" onClick={show}>{t('passage.zoom')}</button></p>
    </section>
  );
}

/** Metres by control type as one strip, and the same as words. */
function ControlStrip({ answer }: { answer: PassageAnswer }) {
  const known = answer.control.filter((c) => c.length_m > 0);
  const inZones = known.reduce((sum, c) => sum + c.length_m, 0);
  const outside = answer.unassessed_m ?? Math.max(0, answer.length_m - inZones);
  const total = Math.max(1, inZones + outside);
  const rows = [...known.map((c) => ({ name: controlType(c.control_type), text: word('control', c.control_type), m: c.length_m })), ...(outside > 0 ? [{ name: 'unassessed', text: t('passage.unassessed'), m: outside }] : [])];
  return (
    <figure class="strip">
      <figcaption>{t('passage.control')}</figcaption>
      <div class="bars" aria-hidden="true">
        {rows.map((r) => <span key={r.name} class={`share control-${r.name}`} style={{ flexGrow: r.m / total, flexBasis: '0' }} />)}
      </div>
      <ul>{rows.map((r) => <li key={r.name}><span class={`swatch control-${r.name}`} aria-hidden="true" />{r.text} <b>{distance(r.m)}</b></li>)}</ul>
    </figure>
  );
}

function ReasonButton({ reason }: { reason: Reason }) {
  const point = () => { passage.pointed.value = reason; };
  return (
    <button type="button" class={`reason ${reason.effect ?? ''}`} onClick={() => { if (!open(reason)) point(); }} onFocus={point} onMouseEnter={point}>
      <span class="km">{reason.km != null ? t('passage.km', { km: number(reason.km, 1) }) : '–'}</span>
      <span class="grow">
        <strong>{reasonTitle(reason)}</strong>
        <small>{reasonDetail(reason)}</small>
      </span>
    </button>
  );
}

function RefugeButton({ refuge }: { refuge: Refuge }) {
  return (
    <button type="button" class="reason" onClick={() => open(refuge)}>
      <span class="km">{t('passage.km', { km: number(refuge.km, 1) })}</span>
      <span class="grow">
        <strong>{refugeName(refuge)}</strong>
        <small>{refugeDetail(refuge)}</small>
      </span>
    </button>
  );
}

/** Opens the card of what stands behind a line; false where there is none. */
function open(of: { collection?: string | null; id?: string | null }): boolean {
  const target = targetOf(of);
  if (!target) return false;
  choose(target);
  reveal(target);
  return true;
}
