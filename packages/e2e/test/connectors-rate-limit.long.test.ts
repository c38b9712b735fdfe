import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConnectorInstance, createInstance, putCredential, registerConnector } from '../src/connectors.ts';
import { callPlainly, type PlainAnswer } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { ticketSystem } from '../src/ticket-system.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/* The descriptor's limit, 1000 requests in 60 s, applies to all data planes together. */

const LIMIT = 1000;
const CALLS = 1200;
const LANES = 16;
/** The concurrency of one data plane. */
const CONCURRENCY = 6;

let platform: TestPlatform;
let upstream: Upstream;
let instance: ConnectorInstance;
/** Resolves when more requests are in flight than one data plane can make alone. */
const both = Promise.withResolvers<void>();

beforeAll(async () => {
  platform = await startPlatform({ CONCURRENCY: String(CONCURRENCY) });
  await platform.startReplica('data-plane');
  let underWay = 0;
  upstream = await startUpstream(async (_request, response) => {
    underWay += 1;
    if (underWay > CONCURRENCY) both.resolve();
    await both.promise;
    underWay -= 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"tickets":[]}');
  });
  await registerConnector(platform, ticketSystem(upstream));
  instance = await createInstance(platform, {
    connector: 'ticket-system',
    instance_name: 'Tickets',
    auth_type: 'api_key',
  });
  await putCredential(platform, instance, {
    scope: 'workspace',
    auth_type: 'api_key',
    fields: { api_key: 'ticket-key-0123456789' },
    hosts: [upstream.host],
  });
}, 60_000);

afterAll(async () => {
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

test('of 1200 calls through two data planes 1000 reach the upstream, and the others are told when to retry', async () => {
  const startedAt = Date.now();
  const answers: PlainAnswer[] = [];
  let left = CALLS;
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      while (left-- > 0) answers.push(await callPlainly(platform, instance.server.id, 'search_tickets'));
    }),
  );
  // Otherwise the first requests would no longer count against the limit.
  expect(Date.now() - startedAt).toBeLessThan(55_000);
  expect(upstream.requests).toHaveLength(LIMIT);
  const refused = answers.filter(({ result }) => result?.isError);
  expect(refused).toHaveLength(CALLS - LIMIT);
  for (const { result } of refused) {
    expect(result?.structuredContent).toMatchObject({
      code: 'rate_limited',
      outcome: 'not_started',
      retry_after_seconds: expect.any(Number),
    });
    const seconds = Number(result?.structuredContent['retry_after_seconds']);
    expect(seconds).toBeGreaterThan(2);
    expect(seconds).toBeLessThanOrEqual(60);
  }
}, 90_000);
