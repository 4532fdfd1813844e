// Signing in by name and password, or by a one-time link that also sets a password. The native
// dialog keeps the focus in; password managers and pasting work.
import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import * as api from '../api';
import { t } from '../i18n';
import { Icon } from '../map/map';
import { asProblem, problemKey, type Problem } from '../problem';
import { announcement, dialog } from '../state';
import { restart } from '../store';

const MIN_PASSWORD = 12;

export function SignInDialog() {
  const element = useRef<HTMLDialogElement>(null);
  const kind = dialog.value;
  useEffect(() => {
    const d = element.current;
    if (kind && d && !d.open) d.showModal();
    if (!kind && d?.open) d.close();
  }, [kind]);
  return (
    <dialog ref={element} aria-labelledby="sign-title" onClose={() => { dialog.value = null; }}>
      {kind && (
        <>
          <h2 id="sign-title">{kind.kind === 'link' ? t('sign.linkTitle') : t('sign.in')}</h2>
          {kind.kind === 'link' ? <LinkForm token={kind.token} /> : <PasswordForm />}
          {/* Last, so that the dialog opens with the focus in its first field. */}
          <button type="button" class="close" aria-label={t('app.close')} onClick={() => { dialog.value = null; }}><Icon d="M4 4 14 14M14 4 4 14" /></button>
        </>
      )}
    </dialog>
  );
}

async function finish(work: Promise<unknown>, fail: (p: Problem) => void): Promise<void> {
  try {
    await work;
    dialog.value = null;
    announcement.value = t('sign.done');
    await restart();
  } catch (error) {
    fail(asProblem(error));
  }
}

function PasswordForm() {
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    await finish(api.signIn(String(data.get('name') ?? ''), String(data.get('password') ?? '')), (p) => { problem.value = p; });
    busy.value = false;
  };
  return (
    <form method="dialog" onSubmit={(event) => void submit(event)}>
      <label for="sign-name">{t('sign.name')}</label>
      <input id="sign-name" name="name" autocomplete="username" autocapitalize="none" spellcheck={false} required />
      <label for="sign-password">{t('sign.password')}</label>
      <input id="sign-password" name="password" type="password" autocomplete="current-password" required />
      {problem.value && <p class="problem" role="alert">{t(problemKey(problem.value))}</p>}
      <p class="buttons"><button type="submit" class="primary" disabled={busy.value}>{t('sign.in')}</button></p>
    </form>
  );
}

function LinkForm({ token }: { token: string }) {
  const problem = useSignal<Problem | null>(null);
  const wrong = useSignal<'sign.short' | 'sign.mismatch' | null>(null);
  const busy = useSignal(false);
  const enter = async (password: string | null) => {
    busy.value = true;
    await finish(api.signInByLink(token, password), (p) => { problem.value = p; });
    busy.value = false;
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const password = String(data.get('password') ?? '');
    wrong.value = [...password].length < MIN_PASSWORD ? 'sign.short' : password !== data.get('repeat') ? 'sign.mismatch' : null;
    if (!wrong.value) void enter(password);
  };
  return (
    <form method="dialog" onSubmit={submit}>
      <p>{t('sign.linkText')}</p>
      <label for="new-password">{t('sign.newPassword')}</label>
      <input id="new-password" name="password" type="password" autocomplete="new-password" aria-describedby={wrong.value ? 'sign-wrong' : undefined} />
      <label for="repeat-password">{t('sign.repeat')}</label>
      <input id="repeat-password" name="repeat" type="password" autocomplete="new-password" />
      {wrong.value && <p class="problem" id="sign-wrong" role="alert">{t(wrong.value)}</p>}
      {problem.value && <p class="problem" role="alert">{t(problemKey(problem.value))}</p>}
      <p class="buttons">
        <button type="submit" class="primary" disabled={busy.value}>{t('sign.linkUse')}</button>
        <button type="button" disabled={busy.value} onClick={() => void enter(null)}>{t('sign.linkLater')}</button>
      </p>
    </form>
  );
}
