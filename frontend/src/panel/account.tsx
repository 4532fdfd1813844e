// Who is signed in, and the way in and out.
import * as api from '../api';
import { t } from '../i18n';
import { announcement, dialog, session } from '../state';
import { restart } from '../store';

export function AccountButton() {
  const account = session.value.account;
  const out = async () => {
    try { await api.signOut(); } catch { /* the session is gone either way: start anew as anybody */ }
    announcement.value = t('sign.outDone');
    await restart();
  };
  return account
    ? <button type="button" class="account" title={t('sign.as', { name: account.name, role: account.role })} onClick={() => void out()}><span class="who">{account.name}</span> {t('sign.out')}</button>
    : <button type="button" class="account" onClick={() => { dialog.value = { kind: 'signin' }; }}>{t('sign.in')}</button>;
}
