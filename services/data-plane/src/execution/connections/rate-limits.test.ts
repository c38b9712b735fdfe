import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConnectionRateLimit, Outcome, ToolCall } from '@toolplane/contracts';
import { type ConnectedPlan, connectedPlan, field, refOf } from '../../../test/connected-plan.ts';
import {
  type ConnectionServices,
  createConnectionServices,
  createMemoryRateLimits,
} from '../../../test/connection-services.ts';
import { templateOf } from '../../../test/plan.ts';
import { client, fakeClock, internalErrors, runTool } from '../../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';

let api: Upstream;
let clock: ReturnType<typeof fakeClock>;
let limits: ReturnType<typeof createMemoryRateLimits>;
let services: ConnectionServices;
let slotsLeft: number;

beforeAll(async () => {
  api = await startUpstream(json({ items: [1, 2] }));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  clock = fakeClock();
  limits = createMemoryRateLimits(clock.now);
  services = createConnectionServices(client, { now: clock.now, rateLimits: limits });
  api.seen.length = 0;
  slotsLeft = 0;
  await services.put(refOf('workspace', 'ws'), { fields: { api_key: 'canary-of-workspace' } });
  await services.put(refOf('user', 'ann'), { fields: { api_key: 'canary-of-ann' } });
  await services.put(refOf('user', 'bob'), { fields: { api_key: 'canary-of-ann' } });
});
afterEach(() => expect(internalErrors).toEqual([]));

const authentication = { fields: [field('api_key')], ownToken: 'api_key' };
const pagination = {
  type: 'offset' as const,
  parameter: 'offset',
  pagesMax: 5,
  items: templateOf('$response.body.items'),
};

function limit(scope: ConnectionRateLimit['scope'], rest: Partial<ConnectionRateLimit> = {}): ConnectionRateLimit {
  return { scope, limit: 1, intervalMs: 60_000, ...rest };
}

function call(
  rateLimits: ConnectionRateLimit[],
  caller: Partial<ToolCall['caller']> = {},
  { deadline, ...plan }: Partial<ConnectedPlan> & { deadline?: number } = {},
): Promise<Outcome> {
  return runTool(
    connectedPlan({
      url: `${api.url}/x`,
      headers: { 'x-api-key': '{api_key}' },
      authentication,
      rateLimits,
      ...plan,
    }),
    {
      services,
      clock,
      caller: { config: {}, ...caller },
      ...(deadline === undefined ? {} : { deadline }),
      onLeaveSlot: () => void slotsLeft++,
    },
  );
}

describe('over a limit', () => {
  test('the call is refused with the time to retry, and nothing was sent', async () => {
    expect(await call([limit('per_instance')])).toMatchObject({ ok: true });
    expect(await call([limit('per_instance')])).toEqual({
      ok: false,
      outcome: 'not_started',
      error: {
        code: 'rate_limited',
        message: 'The rate limit of the connector tickets is reached; try again in 60 s',
        retryAfterMs: 60_000,
      },
    });
    expect(api.seen).toHaveLength(1);
    expect(clock.waits).toEqual([]);
  });

  test.each([
    [1000, 0],
    [2000, 1],
  ])('a wait of %i ms takes place, a long one without occupying the slot', async (intervalMs, slots) => {
    await call([limit('per_instance', { intervalMs })]);
    expect(await call([limit('per_instance', { intervalMs })])).toMatchObject({ ok: true });
    expect(clock.waits).toEqual([intervalMs]);
    expect(slotsLeft).toBe(slots);
  });

  test('more than two seconds are not waited', async () => {
    await call([limit('per_instance', { intervalMs: 2001 })]);
    expect(await call([limit('per_instance', { intervalMs: 2001 })])).toMatchObject({
      error: { code: 'rate_limited', retryAfterMs: 2001 },
    });
    expect(clock.waits).toEqual([]);
  });

  test('and neither is a wait that ends after the deadline', async () => {
    const rateLimits = [limit('per_instance', { intervalMs: 1500 })];
    await call(rateLimits);
    expect(await call(rateLimits, {}, { deadline: clock.now() + 1500 })).toMatchObject({
      outcome: 'not_started',
      error: { code: 'rate_limited', retryAfterMs: 1500 },
    });
    expect(clock.waits).toEqual([]);
  });

  test('or one that ends after the time of the step', async () => {
    const rateLimits = [limit('per_instance', { intervalMs: 1500 })];
    await call(rateLimits);
    expect(await call(rateLimits, {}, { step: { timeoutMs: 1000 } })).toMatchObject({
      error: { code: 'rate_limited' },
    });
  });

  test('all limits apply, and a refused request counts in none of them', async () => {
    const both = [limit('per_instance', { limit: 2 }), limit('per_user')];
    expect(await call(both, { username: 'ann' })).toMatchObject({ ok: true });
    expect(await call(both, { username: 'ann' })).toMatchObject({ error: { code: 'rate_limited' } });
    expect(await call(both, { username: 'bob' })).toMatchObject({ ok: true });
    expect(await call(both, { username: 'eve' })).toMatchObject({ error: { code: 'rate_limited' } });
  });

  test('a request that cannot be sent anyway is not counted', async () => {
    await call([limit('per_instance')], {}, { url: `http://localhost:${api.port}/x` });
    await call([limit('per_instance')], { upstreamAuthorization: '' });
    expect(await call([limit('per_instance')])).toMatchObject({ ok: true });
  });
});

describe('every page counts towards the limit', () => {
  test('when a later page is refused, the call was done, and failed', async () => {
    const outcome = await call([limit('per_instance', { limit: 3 })], {}, { pagination });
    expect(outcome).toMatchObject({ outcome: 'done', error: { code: 'rate_limited', retryAfterMs: 60_000 } });
    expect(outcome).not.toHaveProperty('error.status');
    expect(api.seen).toHaveLength(3);
  });

  test('the waits of all pages together take at most two seconds', async () => {
    const outcome = await call([limit('per_instance', { intervalMs: 900 })], {}, { pagination });
    expect(outcome).toMatchObject({ outcome: 'done', error: { code: 'rate_limited', retryAfterMs: 900 } });
    expect(clock.waits).toEqual([900, 900]);
  });
});

/** In each case, a caller calls after ann, with a limit of one call; true if the second call still passes. */
const own = { upstreamAuthorization: 'Bearer canary-own' };
describe('a limit is shared by', () => {
  test.each<[string, ConnectionRateLimit['scope'], [Partial<ToolCall['caller']>, boolean][]]>([
    [
      'all calls of an instance',
      'per_instance',
      [
        [{ username: 'bob' }, false],
        [own, false],
      ],
    ],
    [
      'the calls with the same credentials',
      'per_account',
      [
        [{ username: 'ann', agentId: 'key_2' }, false],
        [{ username: 'bob' }, true],
        [{}, true],
        [{ agentId: 'key_1' }, false],
        [{ username: 'ann', ...own }, true],
        [{ username: 'bob', ...own }, false],
      ],
    ],
    [
      'the calls of a user, otherwise of an agent, otherwise of the workspace',
      'per_user',
      [
        [{ username: 'ann', ...own }, false],
        [{ username: 'bob', agentId: 'key_1' }, true],
        [{ agentId: 'key_1' }, true],
        [{ agentId: 'key_1' }, false],
        [{}, true],
        [{}, false],
      ],
    ],
    [
      'the calls with the same secret',
      'per_token',
      [
        [{ username: 'bob' }, false],
        [{}, true],
        [{ username: 'ann', ...own }, true],
        [own, false],
      ],
    ],
  ])('%s', async (_name, scope, calls) => {
    await call([limit(scope)], { username: 'ann' });
    for (const [caller, isLet] of calls) expect(await call([limit(scope)], caller)).toMatchObject({ ok: isLet });
  });

  test('no caller outside the instance', async () => {
    await call([limit('per_instance')]);
    const ref = { ownerId: 'ws', instanceId: 'coi_2', scope: 'organization' as const };
    await services.put(ref, { fields: { api_key: 'x' } });
    const plan = connectedPlan({ url: `${api.url}/x`, authentication, rateLimits: [limit('per_instance')] });
    const other = {
      ...plan,
      connection: { ...plan.connection, ownerId: 'ws', instanceId: 'coi_2', connector: 'x' },
    };
    expect(await runTool(other, { services, clock })).toMatchObject({ ok: true });
  });
});

test('the names of windows reveal nothing about users or secrets', async () => {
  const all = (['per_instance', 'per_account', 'per_user', 'per_token'] as const).map((scope) => limit(scope));
  await call(all, { username: 'ann' });
  await call(all, { username: 'annika', agentId: 'key_7', upstreamAuthorization: 'Bearer canary-own' });
  const names = [...limits.keys];
  expect(names).toHaveLength(7);
  expect(names.join('\n')).not.toMatch(/canary|\bann|annika|key_7/);
});
