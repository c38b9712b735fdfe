import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parseCallKeys } from './call-keys.ts';

const key = () => randomBytes(32).toString('base64');

test('the first key seals', () => {
  expect(parseCallKeys(`new:${key()}, old:${key()}`).sealingKid).toBe('new');
});

test('derived keys differ by kid, purpose and party, and are the same each time', () => {
  const keys = parseCallKeys(`a:${key()},b:${key()}`);
  const exported = (kid: string, purpose: 'call' | 'reply', party: string) =>
    keys.derive(kid, purpose, party)?.export().toString('hex');
  const all = [
    exported('a', 'call', 'x'),
    exported('a', 'reply', 'x'),
    exported('a', 'call', 'y'),
    exported('b', 'call', 'x'),
  ];
  expect(new Set(all).size).toBe(4);
  expect(exported('a', 'call', 'x')).toBe(all[0]);
  expect(keys.derive('c', 'call', 'x')).toBeUndefined();
});

test('parties beyond those in the cache still get the same keys', () => {
  const keys = parseCallKeys(`a:${key()}`);
  const first = keys.derive('a', 'call', 'first')?.export().toString('hex');
  for (let party = 0; party < 1500; party++) keys.derive('a', 'call', `${party}`);
  expect(keys.derive('a', 'call', 'first')?.export().toString('hex')).toBe(first);
});

describe('refuses, without quoting the key,', () => {
  const canary = randomBytes(31).toString('base64');
  test.each([
    ['nothing', ''],
    ['a key without kid', canary],
    ['a key that is too short', `a:${canary}`],
    ['a key that is too long', `a:${canary}${canary}`],
    ['a kid used twice', `a:${key()},a:${key()}`],
    ['a kid with a dot', `a.b:${key()}`],
    ['an empty entry', `a:${key()},`],
  ])('%s', (_name, text) => {
    let message = '';
    try {
      parseCallKeys(text);
    } catch (error) {
      message = String(error);
    }
    expect(message).toMatch(/entry \d is not/);
    expect(message).not.toContain(canary);
  });
});
