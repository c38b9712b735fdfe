import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { SecretValue } from './secret-value.ts';

const canary = 'sk_live_canary_0123456789';
const secret = new SecretValue(canary);

describe('a secret value never prints itself', () => {
  test.each([
    ['string conversion', () => String(secret)],
    ['template', () => `Bearer ${secret}`],
    ['JSON', () => JSON.stringify({ nested: [secret] })],
    ['util.inspect', () => inspect({ nested: { secret } }, { depth: 9, showHidden: true })],
    ['structured clone', () => inspect(structuredClone(secret), { depth: 9, showHidden: true })],
    ['object spread', () => JSON.stringify({ ...secret })],
  ])('%s', (_name, print) => {
    expect(print()).not.toContain(canary);
  });

  test('reveal() gives the value', () => {
    expect(secret.reveal()).toBe(canary);
  });
});
