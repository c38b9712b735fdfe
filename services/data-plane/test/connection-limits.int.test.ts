import { createSecretKey, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectBus, createRateLimits, type RateLimits } from '@toolplane/bus';
import { startTestRedis, type TestRedis } from '@toolplane/loopback/test-redis';
import { systemClock as clock } from '../src/execution/clock.ts';
import { createFingerprint } from '../src/execution/connections/fingerprint.ts';
import { connectedPlan, field, refOf } from './connected-plan.ts';
import { createConnectionServices } from './connection-services.ts';
import { client, runTool } from './run-tool.ts';
import { json, startUpstream, type Upstream } from './upstream.ts';

const resources = new AsyncDisposableStack();
let redis: TestRedis;
let workers: RateLimits[];
let api: Upstream;

/** All workers have the same key. */
const fingerprint = createFingerprint(createSecretKey(randomBytes(32)));

beforeAll(async () => {
  redis = await startTestRedis();
  const openLimits = () => createRateLimits({ bus: resources.use(connectBus({ redisUrl: redis.url })) });
  workers = [await openLimits(), await openLimits()];
  api = await startUpstream(json({ ok: true }));
});
afterAll(async () => {
  await resources.disposeAsync();
  await api[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

test('a limit applies to the calls of all workers together', async () => {
  const plan = connectedPlan({
    url: `${api.url}/x`,
    headers: { 'x-api-key': '{api_key}' },
    authentication: { fields: [field('api_key')] },
    rateLimits: [{ scope: 'per_account', limit: 100, intervalMs: 600_000 }],
  });
  const ofWorkers = await Promise.all(
    workers.map(async (rateLimits) => {
      const services = { ...createConnectionServices(client, { rateLimits }), fingerprint };
      await services.put(refOf('organization'), { fields: { api_key: 'canary-key' } });
      return services;
    }),
  );
  const calls = Array.from({ length: 150 }, (_, index) => ofWorkers[index % 2]);
  const outcomes = await Promise.all(
    calls.map((services) => runTool(plan, services === undefined ? {} : { services })),
  );
  const refused = outcomes.filter(({ ok }) => !ok);
  expect(refused).toHaveLength(50);
  for (const outcome of refused) {
    expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'rate_limited' } });
  }
  expect(api.seen).toHaveLength(100);
});

test('a call waits for a limit that permits it within two seconds', async () => {
  const plan = connectedPlan({
    url: `${api.url}/x`,
    authentication: 'none',
    rateLimits: [{ scope: 'per_instance', limit: 1, intervalMs: 300 }],
  });
  const [rateLimits] = workers;
  if (rateLimits === undefined) throw new Error('No worker');
  const services = createConnectionServices(client, { rateLimits });
  const since = performance.now();
  expect(await runTool(plan, { services, clock })).toMatchObject({ ok: true });
  expect(await runTool(plan, { services, clock })).toMatchObject({ ok: true });
  expect(performance.now() - since).toBeGreaterThanOrEqual(300);
});
