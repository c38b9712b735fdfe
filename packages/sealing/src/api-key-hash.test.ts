import { describe, expect, test } from '@jest/globals';
import { arePeppers, hashApiKey, isApiKey } from './api-key-hash.ts';

const KEY = 'mk_live_0123456789';

describe('while the pepper is being replaced', () => {
  test('keys made with either are accepted, and new ones are made with the first', () => {
    const old = hashApiKey('old', KEY);
    expect(isApiKey('new,old', KEY, old)).toBe(true);
    expect(hashApiKey('new,old', KEY)).toBe(hashApiKey('new', KEY));
    expect(isApiKey('new,old', KEY, hashApiKey('new', KEY))).toBe(true);
  });

  test('keys made with a pepper that was removed are no longer accepted', () => {
    expect(isApiKey('new', KEY, hashApiKey('old', KEY))).toBe(false);
  });
});

test.each(['', ',', 'pepper,', 'a,,b'])('peppers %j are an invalid setting, not an empty pepper', (peppers) => {
  expect(arePeppers(peppers)).toBe(false);
  expect(() => hashApiKey(peppers, KEY)).toThrow('API_KEY_PEPPER');
  expect(() => isApiKey(peppers, KEY, hashApiKey('x', KEY))).toThrow('API_KEY_PEPPER');
});

test.each([
  ['another key', 'mk_live_x', hashApiKey('p', KEY)],
  ['no hash', KEY, ''],
  ['half a hash', KEY, 'abcd'],
])('%s is not the key', (_name, key, hash) => expect(isApiKey('p', key, hash)).toBe(false));
