import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parseCallKeys } from './call-keys.ts';
import { createCallCipher, type EnvelopeBinding, EnvelopeRejected } from './envelope.ts';

const key = (kid: string) => `${kid}:${randomBytes(32).toString('base64')}`;
const [first, second] = [key('k1'), key('k2')];
const cipher = createCallCipher(parseCallKeys(first));
const binding: EnvelopeBinding = { purpose: 'call', party: 'edge-1', aad: 'id|tenant' };

test.each([
  ['text', 'grüße 👋'],
  ['nothing', ''],
  ['a megabyte', 'x'.repeat(1 << 20)],
])('%s can be sealed and opened again', (_name, body) => {
  expect(cipher.open(binding, cipher.seal(binding, body))).toBe(body);
});

test('the sealed text reveals the kid and nothing of the body, and is never the same twice', () => {
  const sealed = Array.from({ length: 600 }, () => cipher.seal(binding, 'canary'));
  expect(new Set(sealed).size).toBe(600);
  expect(sealed.every((text) => /^k1\.[A-Za-z0-9_-]+$/.test(text))).toBe(true);
  expect(Buffer.from(sealed[0]?.slice(3) ?? '', 'base64url').toString('latin1')).not.toContain('canary');
});

describe('is rejected:', () => {
  const sealed = cipher.seal(binding, 'canary');
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  const withByteChanged = (index: number) => {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    return `k1.${changed.toString('base64url')}`;
  };

  test.each<[string, EnvelopeBinding]>([
    ['for another purpose', { ...binding, purpose: 'reply' }],
    ['for another party', { ...binding, party: 'edge-2' }],
    ['for other bound fields', { ...binding, aad: 'id|tenant2' }],
  ])('a sealed text opened %s', (_name, other) => {
    expect(() => cipher.open(other, sealed)).toThrow(EnvelopeRejected);
  });

  test.each([
    ['a changed nonce', withByteChanged(0)],
    ['a changed ciphertext', withByteChanged(12)],
    ['a changed tag', withByteChanged(bytes.length - 1)],
    ['a shortened tag', `k1.${bytes.subarray(0, -4).toString('base64url')}`],
    ['an unknown kid', sealed.replace('k1.', 'k9.')],
    ['a kid that is a property of every object', sealed.replace('k1.', '__proto__.')],
    ['no kid', sealed.slice(3)],
    ['only a kid', 'k1.'],
    ['nothing', ''],
  ])('%s', (_name, text) => {
    expect(() => cipher.open(binding, text)).toThrow(EnvelopeRejected);
  });

  test('a text sealed with another key of the same kid, without revealing its content', () => {
    const other = createCallCipher(parseCallKeys(key('k1')));
    let thrown: unknown;
    try {
      other.open(binding, sealed);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(EnvelopeRejected);
    expect(`${thrown} ${(thrown as Error).stack}`).not.toContain('canary');
  });
});

test('keys are rotated without interruption: both open, the new one seals, then the old one is dropped', () => {
  const both = createCallCipher(parseCallKeys(`${second},${first}`));
  const old = cipher.seal(binding, 'old');
  const fresh = both.seal(binding, 'fresh');
  expect(fresh).toMatch(/^k2\./);
  expect([both.open(binding, old), both.open(binding, fresh)]).toEqual(['old', 'fresh']);
  const after = createCallCipher(parseCallKeys(second));
  expect(after.open(binding, fresh)).toBe('fresh');
  expect(() => after.open(binding, old)).toThrow(EnvelopeRejected);
});
