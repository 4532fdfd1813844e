// The passage question as a form: points by map, by name or by coordinates; who goes; when.
import { useComputed, useSignal } from '@preact/signals';
import { t, word } from '../i18n';
import { number } from '../i18n/format';
import { profiles, vehicles } from '../model';
import * as passage from '../passage';
import { problemKey } from '../problem';
import { PassageAnswerView } from './passage-answer';
import '../style/answers.css';

export function PassagePanel() {
  const problem = passage.problem.value;
  return (
    <div class="passage">
      <h2>{t('tab.passage')}</h2>
      <p class="hint">{t('passage.hint')}</p>
      <form autocomplete="off" onSubmit={(event) => { event.preventDefault(); void passage.ask(); }}>
        <EndField which="from" letter="A" />
        <EndField which="to" letter="B" />
        <datalist id="places-list">{passage.gazetteer.value.slice(0, 400).map((p) => <option key={p.folded} value={p.name} />)}</datalist>
        <div class="pair">
          <Choice id="vehicle" label={t('passage.vehicle')} group="vehicle" values={vehicles} value={passage.vehicle.value} onChoose={(v) => { passage.vehicle.value = v; void passage.ask(); }} />
          <Choice id="profile" label={t('passage.profile')} group="profile" values={profiles} value={passage.profile.value} onChoose={(v) => { passage.profile.value = v; void passage.ask(); }} />
        </div>
        <label for="departure">{t('passage.depart')} <span class="hint">({t('passage.departNow')})</span></label>
        <input id="departure" type="datetime-local" value={passage.departure.value} onChange={(event) => { passage.departure.value = event.currentTarget.value; void passage.ask(); }} />
        <p class="buttons">
          <button type="submit" class="primary" disabled={!passage.ends.value.from || !passage.ends.value.to}>{t('passage.ask')}</button>
          <button type="button" onClick={passage.swap} disabled={!passage.ends.value.from && !passage.ends.value.to}>{t('passage.swap')}</button>
          <button type="button" onClick={passage.clear} disabled={!passage.ends.value.from}>{t('passage.clear')}</button>
        </p>
      </form>
      <div aria-live="polite">
        {passage.asking.value && <p class="hint">{t('passage.asking')}</p>}
        {problem && <p class="problem" role="alert">{t(problemKey(problem))} <small>{t('problem.code', { code: problem.fields[0]?.code ?? problem.code })}</small></p>}
        {passage.answer.value && <PassageAnswerView answer={passage.answer.value} />}
      </div>
    </div>
  );
}

function EndField({ which, letter }: { which: 'from' | 'to'; letter: string }) {
  const typed = useSignal<string | null>(null);
  const wrong = useSignal(false);
  const shown = useComputed(() => {
    const end = passage.ends.value[which];
    return end ? (end.name ?? `${number(end.at[0], 5, 'en')} ${number(end.at[1], 5, 'en')}`) : '';
  });
  const take = (text: string) => {
    typed.value = null;
    if (!text.trim()) { wrong.value = false; passage.setEnd(which, null); return; }
    if (text === shown.value) return;
    const end = passage.readEnd(text);
    wrong.value = !end;
    if (end) passage.setEnd(which, end);
    else typed.value = text;
  };
  const id = `end-${which}`;
  return (
    <div class="end">
      <label for={id}><span class={`letter ${letter}`} aria-hidden="true">{letter}</span>{t(`passage.${which}`)}</label>
      <input
        id={id} list="places-list" spellcheck={false} autocomplete="off" placeholder={t('passage.placeholder')}
        value={typed.value ?? shown.value} aria-invalid={wrong.value} aria-describedby={wrong.value ? `${id}-wrong` : undefined}
        onInput={(event) => { typed.value = event.currentTarget.value; if (passage.gazetteer.value.some((p) => p.name === typed.value)) take(typed.value ?? ''); }}
        onChange={(event) => take(event.currentTarget.value)}
      />
      {wrong.value && <p class="problem" id={`${id}-wrong`}>{t('passage.badPoint')}</p>}
    </div>
  );
}

function Choice({ id, label, group, values, value, onChoose }: { id: string; label: string; group: string; values: readonly string[]; value: string; onChoose(v: string): void }) {
  return (
    <div>
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {values.map((v) => <option key={v} value={v}>{word(group, v)}</option>)}
      </select>
    </div>
  );
}
