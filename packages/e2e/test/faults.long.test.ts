import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { callPlainly, type PlainAnswer } from '../src/plain-client.ts';
import {
  type DeployedServer,
  deployServer,
  type ServiceName,
  startPlatform,
  type TestPlatform,
} from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * What goes on while a store is away, what is there again when it is back, and what operators see of it on the health
 * ports. The bus's tests kill workers, and the fault campaign kills everything.
 */

let platform: TestPlatform;
let upstream: Upstream;
let server: DeployedServer;
/** Responses that an upstream holds back until the test releases them. */
const heldBack: (() => void)[] = [];

const document = (api: string) => `
flower: "0.1"
id: faults
flows:
  - id: book
    description: Books something, slowly; must never happen twice.
    steps:
      - id: book
        request: { method: POST, url: "${api}/slow/bookings", body: { what: berth } }
        outputs: { booking: $response.body.id }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { booking: $steps.book.outputs.booking }
  - id: read
    description: Reads something at once.
    steps:
      - id: read
        request: { method: GET, url: "${api}/fast" }
        outputs: { id: $response.body.id }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { id: $steps.read.outputs.id }
`;

beforeAll(async () => {
  platform = await startPlatform({ TOOLPLANE_REVISION: 'abc123' });
  upstream = await startUpstream(({ path }, response) => {
    const answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"b1"}');
    if (path.startsWith('/slow')) heldBack.push(answer);
    else answer();
  });
  server = await deployServer(platform, 'faults', document(upstream.url));
}, 60_000);

afterAll(async () => {
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

afterEach(() => {
  letGo();
  upstream.requests.length = 0;
});

function letGo(): void {
  for (const answer of heldBack.splice(0)) answer();
}

const book = () => callPlainly(platform, server.id, 'book');
const read = () => callPlainly(platform, server.id, 'read');
const outcomeOf = ({ result }: PlainAnswer) => ({
  code: result?.structuredContent['code'],
  outcome: result?.structuredContent['outcome'],
});

test('while the control plane and PostgreSQL are away calls go on, even through an edge and a data plane that were started meanwhile', async () => {
  await platform.service('control-plane').kill('SIGKILL');
  await platform.database.disconnectAll();
  expect((await read()).result?.structuredContent).toEqual({ id: 'b1' });
  for (const service of ['edge', 'data-plane'] as const) {
    await platform.service(service).kill('SIGTERM');
    await platform.service(service).start();
  }
  expect((await read()).result?.structuredContent).toEqual({ id: 'b1' });
  await platform.database.reconnect();
  await platform.service('control-plane').start();
}, 60_000);

describe('Redis', () => {
  test('that is killed and comes back empty: the call under way is unknown, and everything is published again', async () => {
    const arrived = upstream.nextRequest();
    const answer = book();
    await arrived;
    await platform.killRedis();
    expect(outcomeOf(await read())).toEqual({ code: 'queue_unavailable', outcome: 'not_started' });
    await platform.restartRedis();
    expect(outcomeOf(await answer)).toEqual({ code: 'queue_restarted', outcome: 'unknown' });
    await until(async () => (await read()).result?.isError !== true);
    expect(upstream.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    // An edge that starts with an empty memory finds the published servers again.
    await platform.service('edge').kill('SIGTERM');
    await platform.service('edge').start();
    expect((await read()).result?.structuredContent).toEqual({ id: 'b1' });
  }, 60_000);

  test('holds no lease and no job after all this', async () => {
    const redis = new Redis(platform.redisUrl);
    await until(async () => (await redis.keys('*lease*')).length === 0);
    const keys = await redis.keys('*');
    redis.disconnect();
    expect(keys.filter((key) => /wait|active|delayed|failed|completed/.test(key))).toEqual([]);
  });
});

const services: ServiceName[] = ['control-plane', 'data-plane', 'edge'];
// biome-ignore lint/suspicious/noExplicitAny: tests examine it member by member
const statusOf = async (name: ServiceName): Promise<any> => (await fetch(`${platform.healthUrl(name)}/status`)).json();
const readinessOf = async (name: ServiceName) => (await fetch(`${platform.healthUrl(name)}/readyz`)).text();
const fleet = async () => (await statusOf('control-plane')).fleet;
type Process = { service: string; id: string; epoch?: string };

test.each(services)('the status of a %s says what runs and that it is ready', async (service) => {
  const { epoch, ...status } = await statusOf(service);
  expect(status).toMatchObject({ service, version: expect.stringMatching(/^\d/), revision: 'abc123', reasons: [] });
  expect(epoch).toMatch(/^\d+:\w+$/);
  expect(status.host).not.toBe('');
  if (service === 'data-plane') expect(status).toMatchObject({ secretStore: 'ok', running: 0 });
});

test('the status of the fleet has every process, the queues, and what is published', async () => {
  await platform.startReplica('data-plane');
  // Each process reports it with its next heartbeat.
  await until(async () => (await fleet()).pools[0].readyWorkers === 2);
  await until(async () => (await fleet()).otherEpochs.length === 0);
  await until(async () => (await fleet()).queues.length === 2);
  const { processes, pools, otherEpochs, queues, publication, migrations } = await fleet();
  expect(processes.map(({ service }: Process) => service)).toEqual([
    'control-plane',
    'data-plane',
    'data-plane',
    'edge',
  ]);
  expect(new Set(processes.map(({ id }: Process) => id)).size).toBe(4);
  expect(pools).toEqual([{ pool: null, workers: 2, readyWorkers: 2 }]);
  expect(otherEpochs).toEqual([]);
  expect(queues).toEqual(['calls', 'commands'].map((queue) => ({ queue, waiting: 0, active: 0, oldestMs: null })));
  expect(publication.revision).toBeGreaterThan(0);
  expect(Object.keys(publication.pending)).toContain('servers');
  expect(migrations).toMatchObject({ areApplied: true, known: expect.arrayContaining(['0001_foundation']) });
});

test('without Redis each service says what it lacks, and the control plane keeps reporting what it knows', async () => {
  await platform.killRedis();
  await until(async () => (await readinessOf('edge')).includes('queue: not connected'));
  await until(async () => (await readinessOf('data-plane')).includes('queues: not taking calls'));
  await until(async () => (await statusOf('control-plane')).epoch === undefined);
  const status = await statusOf('control-plane');
  expect(status.fleet).toMatchObject({ migrations: { areApplied: true }, publication: { pending: {} } });
  expect(status.fleet).not.toHaveProperty('processes');
  await platform.restartRedis();
  for (const service of services) await until(async () => (await readinessOf(service)) === 'ready\n', 30_000);
}, 60_000);

test('the port for health answers only its two paths and liveness', async () => {
  for (const service of services) {
    expect((await fetch(`${platform.healthUrl(service)}/livez`)).status).toBe(200);
    expect((await fetch(`${platform.healthUrl(service)}/api/v1/openapi.json`)).status).toBe(404);
  }
});
