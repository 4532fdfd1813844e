import { describe, expect, it } from 'vitest';
import { readUrl, writeUrl, type UrlState } from '../src/urlstate';

const full: UrlState = {
  focus: { collection: 'controlled-zones', id: '0b4c5a3e-1111-4222-8333-444455556666' },
  lang: 'ht', theme: 'night', datetime: '2024-02-29T17:00:00Z', view: { lon: -72.34, lat: 18.54, zoom: 11.25 },
};

describe('the address', () => {
  it('goes there and back', () => {
    expect(readUrl(writeUrl(full))).toEqual(full);
    const empty: UrlState = { focus: null, lang: null, theme: null, datetime: null, view: null };
    expect(writeUrl(empty)).toBe('');
    expect(readUrl('')).toEqual(empty);
  });
  it('takes a bare day as noon', () => expect(readUrl('?t=2023-02-01').datetime).toBe('2023-02-01T12:00:00Z'));
  it.each([
    '?f=unknown-layer:1', '?f=roadblocks:', '?f=roadblocks:<img>', '?f=roadblocks', '?f=:1', '?lg=xx', '?th=pink', '?t=yesterday', '?t=2024-13-45',
    '?c=1,2', '?c=a,b,c', '?c=-72,18,11,4', '?c=-720,18,11', '?c=-72,18,99', '?c=',
  ])('ignores %s', (search) => expect(Object.values(readUrl(search)).every((v) => v === null)).toBe(true));
});
