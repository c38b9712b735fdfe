import { expect, test } from '@jest/globals';
import { createCallCipher, EnvelopeRejected, parseCallKeys } from '@toolplane/sealing';
import { keptMs, openCall, sealCall } from './envelope.ts';

const cipher = createCallCipher(parseCallKeys(`k1:${Buffer.alloc(32, 1).toString('base64')}`));
const clear = { v: 1, tenant: 'a', replyTo: 'edge', deadline: 1, epoch: 'e' };
const routing = { ...clear, queue: 'q', callId: 'c' };

test('a call with the default keeping time of its reply has the envelope of releases that know no other', () => {
  const { sealed, ...rest } = sealCall(cipher, routing, '"body"');
  expect(rest).toEqual(clear);
  const aad = JSON.stringify([1, 'q', 'c', 'a', 'edge', 1, 'e']);
  expect(cipher.open({ purpose: 'call', party: 'edge', aad }, sealed)).toBe('"body"');
});

test('the keeping time of a reply cannot be added, changed or removed', () => {
  const usual = sealCall(cipher, routing, '"body"');
  const { keepReplyMs, ...taken } = sealCall(cipher, { ...routing, keepReplyMs: 90_000 }, '"body"');
  expect(openCall(cipher, 'q', 'c', { ...taken, keepReplyMs })).toMatchObject({ body: 'body', keepReplyMs: 90_000 });
  for (const forged of [{ ...usual, keepReplyMs: 90_000 }, { ...taken, keepReplyMs: 90_001 }, taken]) {
    expect(() => openCall(cipher, 'q', 'c', forged)).toThrow(EnvelopeRejected);
  }
});

test.each([
  [1, 60_000],
  [90_000.5, 90_001],
  [Number.POSITIVE_INFINITY, 24 * 60 * 60 * 1000],
])('a reply asked to be kept for %d ms is kept for %d ms', (asked, kept) => {
  expect(keptMs(asked)).toBe(kept);
});
