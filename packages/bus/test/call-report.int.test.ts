import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { type FlowRun, succeeded } from '@toolplane/contracts';
import { createCallCipher, parseCallKeys } from '@toolplane/sealing';
import { openReply, sealCall, sealReply } from '../src/calls/envelope.ts';
import { keys, QUEUE_PREFIX, queueName } from '../src/keys.ts';
import { openStranger } from './stranger.ts';
import { inMs, openBus } from './test-bus.ts';
import { until } from './until.ts';

/* Replies of two releases: workers are deployed before callers, and each understands the other. */

type Reported = { report?: unknown; bytes: number };

test('the report of a worker about a call comes with its outcome, and before it', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  await bus.worker(async ({ body, report }) => {
    report.upstreamMs += 1.5;
    report.upstreamRequests += 2;
    report.analytics = { city: 'Oslo', count: 3, isNew: true, none: null };
    return succeeded(body);
  });
  const reported: Reported[] = [];
  const admitted: number[] = [];
  const outcome = await caller.call({
    tenant: 'a',
    body: 'grüße',
    deadline: inMs(5000),
    onAdmitted: (bytes) => admitted.push(bytes),
    onReport: (report) => reported.push(report),
  });
  expect(outcome).toEqual(succeeded('grüße'));
  expect(admitted).toEqual([Buffer.byteLength('"grüße"')]);
  expect(reported).toEqual([
    {
      bytes: expect.any(Number),
      report: {
        executionMs: expect.any(Number),
        upstreamMs: 1.5,
        upstreamRequests: 2,
        analytics: { city: 'Oslo', count: 3, isNew: true, none: null },
      },
    },
  ]);
  await bus.expectClean();
});

test('a worker that is stopped reports what the call did until then', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  await bus.worker(({ signal, report }) => {
    report.upstreamRequests += 1;
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  const reported: Reported[] = [];
  await caller.call({ tenant: 'a', body: 1, deadline: inMs(300), onReport: (report) => reported.push(report) });
  expect(reported).toMatchObject([{ report: { upstreamRequests: 1 } }]);
});

test('a call of the previous release, which laid no fence, is taken and answered', async () => {
  await using bus = openBus();
  await using stranger = openStranger(bus);
  const cipher = createCallCipher(parseCallKeys(bus.keyText));
  const caller = await bus.caller();
  const callId = randomUUID();
  const reported: Reported[] = [];
  const onReport = (report: Reported) => reported.push(report);
  const call = caller.call({ callId, tenant: 'a', body: 'new', deadline: inMs(8000), onReport });
  await until(async () => !(await stranger.isGone(callId)));
  const { sealed: _sealed, ...clear } = await stranger.capture(callId);
  expect(clear.v).toBe(3);
  const old = sealCall(cipher, { ...clear, v: 2, queue: bus.queue, callId }, '"old"');
  await bus.redis.del(keys.fence(bus.queue, callId));
  await bus.redis.hset(`${QUEUE_PREFIX}:${queueName(bus.queue)}:${callId}`, 'data', JSON.stringify(old));
  await bus.worker();
  expect(await call).toEqual(succeeded('old'));
  expect(reported).toEqual([{ bytes: expect.any(Number), report: expect.anything() }]);
});

test('a reply from a worker of the previous release is understood, as is a reply with an unreadable report', () => {
  const cipher = createCallCipher(parseCallKeys(`k1:${Buffer.alloc(32, 1).toString('base64')}`));
  const routing = { queue: 'q', callId: 'c', tenant: 'a', replyTo: 'edge' };
  const outcome = succeeded('old');
  expect(openReply(cipher, routing, sealReply(cipher, routing, { outcome }))).toMatchObject({ outcome });
  const report = { executionMs: 'long', upstreamMs: 1, upstreamRequests: 1 } as never;
  const odd = openReply(cipher, routing, sealReply(cipher, routing, { outcome, report }));
  expect([odd.outcome, odd.report]).toEqual([outcome, undefined]);
});

test('the kept copy of a reply is only an outcome: a caller of the previous release may look for it', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  await bus.worker();
  const [callId, deadline] = [randomUUID(), inMs(5000)];
  const sent = caller.describe(callId, 'a', deadline);
  const reported: Reported[] = [];
  const onReport = (report: Reported) => reported.push(report);
  await caller.call({ callId, tenant: 'a', body: 1, deadline, keepReplyMs: 60_000, onReport });
  expect(reported).toMatchObject([{ report: { upstreamRequests: 0 } }]);
  const copy = await bus.redis.get(keys.reply(bus.queue, callId));
  const cipher = createCallCipher(parseCallKeys(bus.keyText));
  expect(openReply(cipher, { ...sent, queue: bus.queue }, copy ?? '').report).toBeUndefined();
  expect(await caller.find(sent)).toEqual({ state: 'settled', outcome: succeeded(1), isReported: true });
});

test('a trace comes with the reply but with no copy of it: nothing of the trace is left in Redis (T10)', async () => {
  await using bus = openBus();
  const caller = await bus.caller();
  const trace: FlowRun = { type: 'flow.run', duration_ms: 1, flow_id: 'canary', children: [] };
  await bus.worker(async ({ body, report }) => {
    report.trace = trace;
    return succeeded(body);
  });
  const [callId, deadline] = [randomUUID(), inMs(5000)];
  const sent = caller.describe(callId, 'a', deadline);
  const reported: Reported[] = [];
  await caller.call({ callId, tenant: 'a', body: 1, deadline, onReport: (report) => reported.push(report) });
  expect(reported).toMatchObject([{ report: { trace } }]);
  const copy = await bus.redis.get(keys.reply(bus.queue, callId));
  const cipher = createCallCipher(parseCallKeys(bus.keyText));
  const opened = openReply(cipher, { ...sent, queue: bus.queue }, copy ?? '');
  expect([opened.outcome, opened.report]).toEqual([succeeded(1), undefined]);
});
