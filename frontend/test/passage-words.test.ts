import { afterEach, describe, expect, it, vi } from 'vitest';
import { setLanguage } from '../src/i18n';
import type { PassageAnswer, Reason, Refuge } from '../src/model';
import { openingText, reasonDetail, reasonTitle, refugeDetail, refugeName, riskText, targetOf, tollsText } from '../src/panel/passage-words';

vi.stubGlobal('document', { documentElement: { lang: '' } }); // all that choosing a language touches
afterEach(() => setLanguage('fr'));

const plain = (s: string) => s.replace(/[\u00a0\u202f]/g, ' ');
const paying = (tolls: PassageAnswer['tolls']) => ({ vehicle: 'ambulance', tolls }) as PassageAnswer;

describe('risk', () => {
  it('keeps what is reported and what nobody told of apart', async () => {
    await setLanguage('en');
    expect(riskText({ known: 0.0123, unknown: 0.1, band: 'unknown' })).toBe('unknown (known 0.012, unknown 0.100)');
    expect(riskText({ known: 0, unknown: 0.003, band: 'low' })).toMatch(/^low by what is reported/);
  });
});

describe('tolls', () => {
  it.each([
    [{ count: 0, total_htg: null }, ''],
    [{ count: 2, total_htg: null }, '2 péages, montant inconnu'],
    [{ count: 1, total_htg: 2000, low_htg: 2000, high_htg: 2000 }, '1 péage, 2 000 HTG'],
    [{ count: 2, total_htg: 2000, low_htg: 1500, high_htg: 2500 }, '2 péages, 2 000 HTG (1 500 – 2 500)'],
  ])('says %j', (tolls, want) => expect(plain(tollsText(paying(tolls)))).toBe(want));
  it('says of how many the price is known', () => {
    const tolls = { count: 3, total_htg: 2000, low_htg: 2000, high_htg: 2000, classes: [{ vehicle_class: 'car', known: 3 }, { vehicle_class: 'ambulance', known: 1 }] };
    expect(plain(tollsText(paying(tolls)))).toBe('3 péages, 2 000 HTG, prix connu pour 1 sur 3');
  });
});

describe('opening', () => {
  it('says whether the wait is in the time', async () => {
    await setLanguage('en');
    const opening = { id: '1', km: 12.34, at: '2026-01-15T11:00:00Z', wait_s: 5400, waited: false };
    expect(plain(openingText(opening))).toBe('The roadblock at km 12.3 is shut on arrival; it opens on 15 Jan 2026, 06:00, a wait of 1 h 30 min that is not in the time.');
    expect(openingText({ ...opening, waited: true })).toMatch(/is in the time\.$/);
  });
});

describe('places of help', () => {
  const refuge: Refuge = { collection: 'facilities', id: '1', name: 'Hôpital Saint-Damien', facility_type: 'hospital', functional: 'partial', km: 3, distance_m: 640 };
  it('says what it is, whether it works and how far it is', async () => {
    await setLanguage('en');
    expect(plain(refugeDetail(refuge))).toBe('hospital · works in part · 640 m from the way');
    expect(refugeName({ ...refuge, name: null })).toBe('hospital');
  });
  it('opens its card', () => {
    expect(targetOf(refuge)).toEqual({ collection: 'facilities', id: '1' });
    expect(targetOf({ collection: 'nowhere', id: '1' })).toBeNull();
    expect(targetOf({ collection: null, id: null })).toBeNull();
  });
});

describe('reasons', () => {
  const block: Reason = {
    kind: 'roadblock', length_m: 413, effect: 'negotiation_needed', actor_type: 'gang', passability: 'pay',
    confidence_label: 'low', age_h: 17_000, stale: true, sources: 2, text: { fr: 'Poste de péage, tenu par : gang.' },
  };
  it('does not repeat what the server’s sentence says', () => {
    expect(reasonTitle(block)).toBe('Poste de péage, tenu par : gang.');
    expect(plain(reasonDetail(block))).toBe('négociation nécessaire · quelque part sur 413 m · 2 sources');
  });
  it('says it all where the server has no sentence in the language', async () => {
    await setLanguage('en');
    expect(reasonTitle(block)).toBe('roadblock');
    expect(plain(reasonDetail(block))).toBe('negotiation needed · somewhere along 413 m · armed group · pay · confidence low · 23 months ago · stale · 2 sources');
  });
  it('never calls a stretch free of obstacles', () => {
    expect(reasonDetail({ kind: 'access', length_m: 1500, effect: 'no_reported_obstacle', text: { fr: 'Le point est à 1500 m de la route connue.' } })).toBe('');
  });
});
