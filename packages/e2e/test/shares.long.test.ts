import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';
import { createTenant, createWorkspace } from '../src/workspaces.ts';

/*
 * An organization that keeps creating workspaces and whose upstream never answers, and its effect on another
 * organization; and an edge that is killed while its calls are in flight. All planes are real processes.
 */

jest.setTimeout(180_000);

const WORKSPACES = 27;
const CALLS_PER_WORKSPACE = 20;
/** The calls that one organization may have in flight: two thirds of 400. */
const UNDER_WAY = 266;
const PLACES = 50;
/** A worker fetches no more calls if it has no room for a full job of eight calls. */
const PLACES_TAKEN_MIN = PLACES - 8 + 1;

/** A document with a tool of one step, whose call may take a minute. */
const document = (url: string) => `
flower: "0.1"
id: look
flows:
  - id: look_up
    description: Looks something up in an API that may take its time.
    steps:
      - id: get
        request: { method: GET, url: ${url}/thing }
        outputs: { id: $response.body.id }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { id: $steps.get.outputs.id }
`;

type Client = TestPlatform & { server: DeployedServer };

let platform: TestPlatform;
let slow: Upstream;
let quick: Upstream;
let quiet: Client;
const crowd: Client[] = [];
let release = Promise.withResolvers<void>();

beforeAll(async () => {
  platform = await startPlatform();
  const found = { 'content-type': 'application/json' };
  slow = await startUpstream(async (_request, response) => {
    await release.promise;
    response.writeHead(200, found).end('{"id":1}');
  });
  quick = await startUpstream((_request, response) => void response.writeHead(200, found).end('{"id":2}'));
  quiet = await join(await createTenant(platform, 'Quiet'), quick.url);
  for (let n = 0; n < WORKSPACES; n += 1) {
    crowd.push(await join(await createWorkspace(platform, `Crowd ${n}`), slow.url));
  }
}, 180_000);
afterAll(async () => {
  release.resolve();
  for (const each of [slow, quick, platform]) await each?.[Symbol.asyncDispose]();
});

async function join(tenant: Pick<TestPlatform, 'apiKey' | 'rest'>, url: string): Promise<Client> {
  const client = { ...platform, ...tenant };
  return { ...client, server: await deployServer(client, 'look', document(url)) };
}

const look = (client: Client) => callPlainly(client, client.server.id, 'look_up');
const codeOf = ({ result }: Awaited<ReturnType<typeof look>>) =>
  result?.isError ? `${result.structuredContent['code']}/${result.structuredContent['outcome']}` : 'done';

test('27 workspaces with hanging calls refuse nobody else a call, and hold none up (T38)', async () => {
  release = Promise.withResolvers();
  let refused = 0;
  const codes: Promise<string>[] = [];
  for (const client of crowd) {
    for (let n = 0; n < CALLS_PER_WORKSPACE; n += 1) {
      const code = look(client).then(codeOf);
      void code.then((it) => {
        if (it === 'tenant_busy/not_started') refused += 1;
      });
      codes.push(code);
    }
  }
  const refusedWhenFull = WORKSPACES * CALLS_PER_WORKSPACE - UNDER_WAY;
  await until(async () => refused >= refusedWhenFull && slow.requests.length >= PLACES_TAKEN_MIN, 60_000);
  for (let n = 0; n < 30; n += 1) {
    const startedAt = performance.now();
    expect(codeOf(await look(quiet))).toBe('done');
    // This is far less than the minute that the calls before it may take.
    expect(performance.now() - startedAt).toBeLessThan(2000);
  }
  expect(slow.requests.length).toBeLessThanOrEqual(PLACES);
  release.resolve();
  const ends = await Promise.all(codes);
  expect(ends.filter((code) => code === 'done')).toHaveLength(UNDER_WAY);
  expect(new Set(ends)).toEqual(new Set(['done', 'tenant_busy/not_started']));
});

test('a workspace whose edge was killed with all its calls under way can make calls again when these have ended (F4)', async () => {
  const [client] = crowd as [Client];
  release = Promise.withResolvers();
  slow.requests.length = 0;
  const lost = Array.from({ length: CALLS_PER_WORKSPACE }, () => look(client).catch(() => 'lost'));
  while (slow.requests.length < CALLS_PER_WORKSPACE) await slow.nextRequest();
  await platform.service('edge').kill('SIGKILL');
  expect(new Set(await Promise.all(lost))).toEqual(new Set(['lost']));
  await platform.service('edge').start();
  expect(codeOf(await look(client))).toBe('tenant_busy/not_started');
  release.resolve();
  const redis = new Redis(platform.redisUrl);
  const endedAt = performance.now();
  await until(async () => (await redis.zcard('tp:leases:calls')) === 0);
  redis.disconnect();
  expect(performance.now() - endedAt).toBeLessThan(5000);
  const next = await Promise.all(Array.from({ length: CALLS_PER_WORKSPACE }, () => look(client)));
  expect(new Set(next.map(codeOf))).toEqual(new Set(['done']));
});
