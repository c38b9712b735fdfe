import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { fuzzing, fuzzTimeoutMs, hostileText, survive } from '@toolplane/loopback/fuzzing';
import { createCallCipher, EnvelopeRejected, parseCallKeys } from '@toolplane/sealing';
import fc from 'fast-check';
import { openEvent, readEventMessage, sealEvent } from './calls/call-events.ts';
import { openCall, openReply, sealCall, sealReply } from './calls/envelope.ts';
import { readChangeMessage } from './publication/change.ts';

/* Anybody who can write to Redis or publish there chooses what arrives: only what was sealed is accepted. */

const cipher = createCallCipher(parseCallKeys(`k1:${randomBytes(32).toString('base64')}`));
const clear = { v: 1, tenant: 'ws', replyTo: 'edge', deadline: 1, epoch: 'e' };
const routing = { queue: 'calls', callId: 'c1', ...clear };
const call = sealCall(cipher, routing, '{"tool":"x"}');
const reply = sealReply(cipher, routing, { outcome: { ok: true, outcome: 'done', value: 1 } });
const event = sealEvent(cipher, routing, 1, { type: 'log', level: 'info', message: 'x' } as never);

/** A changed sealed text must be refused, or decode to the same bytes. */
const isRejected = (thrown: unknown) => thrown instanceof EnvelopeRejected;
const pieces = [
  '+',
  ' ',
  '.',
  'k1.',
  'c1',
  '1',
  '-1',
  'NaN',
  'manifest ',
  'publication',
  'egress ',
  'catalogue ',
  '__proto__',
  '\n',
];

test(
  'changes: any message is read as a change or ignored (T17)',
  () => {
    const text = hostileText(pieces, ['manifest srv_1', 'api-key k', 'publication ']);
    fc.assert(
      fc.property(
        text,
        (message) =>
          void survive(
            () => readChangeMessage(message),
            () => false,
          ),
      ),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'jobs: any job other than the one that was sealed is refused (B120)',
  () => {
    const name = fc.constantFrom('v', 'tenant', 'replyTo', 'deadline', 'epoch', 'sealed', 'keepReplyMs', '__proto__');
    const changes = fc.dictionary(name, fc.oneof(fc.jsonValue(), hostileText(pieces, [call.sealed])), { minKeys: 1 });
    fc.assert(
      fc.property(
        fc.oneof(
          changes.map((changed) => ({ ...call, ...changed })),
          fc.jsonValue(),
        ),
        (job) => {
          const opened = survive(() => openCall(cipher, 'calls', 'c1', job), isRejected);
          if (opened !== undefined) expect(opened).toEqual({ ...routing, body: { tool: 'x' } });
        },
      ),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);

test(
  'replies and events: any message other than what was sealed is refused (B121)',
  () => {
    fc.assert(
      fc.property(hostileText(pieces, [reply, event]), (message) => {
        const read = readEventMessage(message);
        survive(() => openReply(cipher, routing, message), isRejected);
        if (read !== undefined) survive(() => openEvent(cipher, routing, read), isRejected);
      }),
      fuzzing,
    );
  },
  fuzzTimeoutMs,
);
