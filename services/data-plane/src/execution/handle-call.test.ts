import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CallEvent, Json, Plan, ToolCall } from '@toolplane/contracts';
import { createConnectionServices } from '../../test/connection-services.ts';
import { openClient } from '../../test/open-client.ts';
import { planOf } from '../../test/plan.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import { systemClock } from './clock.ts';
import { type CallHandler, createCallHandler, type HandledCall } from './handle-call.ts';

const client = openClient();

let api: Upstream;
let plans: Map<string, Plan>;
let asked: string[];
let internalErrors: unknown[];
let reported: CallEvent[];
let handle: CallHandler;

beforeAll(async () => {
  api = await startUpstream(json({ ok: true }));
});
afterAll(async () => {
  client.close();
  await api[Symbol.asyncDispose]();
});
beforeEach(() => {
  plans = new Map([['digest', planOf([{ id: 's', url: `${api.url}/x` }], { ok: '$steps.s.response.body.ok' })]]);
  asked = [];
  internalErrors = [];
  reported = [];
  handle = createCallHandler({
    async getPlan(digest) {
      asked.push(digest);
      return plans.get(digest);
    },
    openTrace: async () => undefined,
    services: {
      ...createConnectionServices(client),
      client,
      clock: systemClock,
      secrets: { get: async () => undefined, expire: () => {} },
      onInternalError: (error, work) => internalErrors.push([error, work?.callId]),
    },
  });
});
afterEach(() => {
  api.seen.length = 0;
});

const toolCall = {
  version: 1,
  workspaceId: 'ws',
  serverId: 'srv',
  tool: 'tool',
  planDigest: 'digest',
  arguments: {},
  caller: { config: {} },
} satisfies ToolCall;

function deliver(body: Json, tenant = 'ws'): HandledCall {
  const { signal } = new AbortController();
  return {
    callId: 'call',
    tenant,
    body,
    signal,
    deadline: Date.now() + 10_000,
    notify: (event) => reported.push(event),
    ask: async () => ({}),
    leaveSlot: () => {},
    report: { upstreamMs: 0, upstreamRequests: 0 },
  };
}

test('runs the plan of the call', async () => {
  expect(await handle(deliver(toolCall))).toEqual({ ok: true, outcome: 'done', value: { ok: true } });
});

test('reports only what the caller asked for', async () => {
  await handle(deliver(toolCall));
  expect(reported).toEqual([]);
  await handle(deliver({ ...toolCall, events: { progress: true } }));
  expect(reported).toEqual([{ kind: 'progress', progress: 1, total: 1, message: 'Step s' }]);
});

test('a plan is fetched once', async () => {
  await handle(deliver(toolCall));
  await handle(deliver(toolCall));
  expect(asked).toEqual(['digest']);
});

describe('a plan runs for its own tool only', () => {
  test.each([
    ['another tenant', {}, 'other'],
    ['another workspace', { workspaceId: 'other' }, 'ws'],
    ['another workspace and its tenant', { workspaceId: 'other' }, 'other'],
    ['another server', { serverId: 'other' }, 'ws'],
    ['another tool', { tool: 'other' }, 'ws'],
  ])('%s: nothing is sent', async (_name, change, tenant) => {
    expect(await handle(deliver({ ...toolCall, ...change }, tenant))).toEqual({
      ok: false,
      outcome: 'not_started',
      error: { code: 'not_found', message: 'No such tool' },
    });
    expect(api.seen).toEqual([]);
  });
});

test('a plan that does not exist yet can be requested again', async () => {
  const call = deliver({ ...toolCall, planDigest: 'later' });
  expect(await handle(call)).toMatchObject({ outcome: 'not_started', error: { code: 'config_unavailable' } });
  plans.set('later', planOf([{ url: `${api.url}/x` }]));
  expect(await handle(call)).toMatchObject({ ok: true });
});

test.each([null, {}, { ...toolCall, version: 2 }, { ...toolCall, extra: 1 }])(
  'a call of another release is refused without being executed: %j',
  async (body) => {
    expect(await handle(deliver(body))).toMatchObject({ outcome: 'not_started', error: { code: 'incompatible' } });
    expect(api.seen).toEqual([]);
  },
);

test('an internal fault is reported with its call, and the caller sees a fixed text', async () => {
  const plan = planOf([{ url: `${api.url}/x` }]);
  plans.set('broken', { ...plan, outputs: [['x', { kind: 'jmespath', expression: '][' }]] });
  const outcome = await handle(deliver({ ...toolCall, planDigest: 'broken' }));
  expect(outcome).toEqual({
    ok: false,
    outcome: 'not_started',
    error: { code: 'internal', message: 'Internal error' },
  });
  expect(internalErrors).toEqual([[expect.any(Error), 'call']]);
});
