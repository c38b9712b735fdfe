import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { arePoolKeys, parsePoolKeys } from './pool-keys.ts';

const newKey = () => `k1:${randomBytes(32).toString('base64')}`;

test('each pool has its own keys', () => {
  const pools = parsePoolKeys(
    JSON.stringify({ eu: newKey(), 'us-2': `${newKey()},k2:${randomBytes(32).toString('base64')}` }),
  );
  expect([...pools.keys()]).toEqual(['eu', 'us-2']);
  expect(parsePoolKeys().size).toBe(0);
});

test.each([
  ['invalid JSON', 'eu'],
  ['a list', '[]'],
  ['an invalid name', JSON.stringify({ 'E U': newKey() })],
  ['an invalid key', '{"eu":"k1:short"}'],
  ['no key', '{"eu":""}'],
])('%s is refused', (_what, text) => {
  expect(arePoolKeys(text)).toBe(false);
});

test('two pools with the same key are refused, because each could open what is for the other', () => {
  const key = newKey();
  expect(arePoolKeys(JSON.stringify({ eu: key, us: `${newKey()},k9:${key.slice(3)}` }))).toBe(false);
});
