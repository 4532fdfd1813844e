import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { setLanguage } from '../src/i18n/index';
import { isExact } from '../src/map/streets';
import type { Street } from '../src/model';
import { sourceWords } from '../src/coverage/text';
import { readWords } from '../src/coverage/words';

const street = (precision_m: number): Street => ({
  type: 'Feature', id: 1, geometry: { type: 'LineString', coordinates: [[-72.3, 18.5], [-72.29, 18.5]] },
  properties: { ref: 'RN1', name: null, class: 'RN', precision_m },
});

describe('streets', () => {
  it('are drawn as streets only where the line is near the road', () => {
    expect([street(60), street(200), street(201), street(2000)].map(isExact)).toEqual([true, true, false, false]);
  });
});

describe('the source of a denominator', () => {
  beforeAll(() => { vi.stubGlobal('document', { documentElement: {} }); });
  afterEach(async () => { await setLanguage('fr'); await readWords(); });
  afterAll(() => { vi.unstubAllGlobals(); });
  const citation = 'OCHA COD-AB Haiti (CNIGS, 29 November 2018), CC BY-IGO, outlines generalised to about 350 m';
  it.each([
    ['fr', 'OCHA COD-AB Haiti (CNIGS, 29 nov. 2018), CC BY-IGO, contours généralisés à environ 350 m'],
    ['ht', 'OCHA COD-AB Haiti (CNIGS, 29 nov. 2018), CC BY-IGO, kontou senplifye a apeprè 350 m'],
    ['en', 'OCHA COD-AB Haiti (CNIGS, 29 Nov 2018), CC BY-IGO, outlines generalised to about 350 m'],
  ] as const)('speaks %s', async (language, words) => {
    await setLanguage(language);
    await readWords();
    expect(sourceWords(citation)).toBe(words);
  });
  it('leaves any other citation as it is', () => expect(sourceWords('IHSI 2003')).toBe('IHSI 2003'));
});
