import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { callPlainly, type PlainAnswer } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * What goes on while a store is away, and what is there again when it is back. The bus's tests kill workers, and the
 * fault campaign kills everything.
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
  platform = await startPlatform();
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

describe('while the control plane and PostgreSQL are away', () => {
  test('calls go on, even through an edge and a data plane that were started meanwhile', async () => {
    await platform.service('control-plane').kill('SIGKILL');
    await platform.database.disconnectAll();
    expect((await read()).result?.structuredContent).toEqual({ id: 'b1' });
    await platform.service('edge').kill('SIGTERM');
    await platform.service('edge').start();
    expect((await read()).result?.structuredContent).toEqual({ id: 'b1' });
    await platform.database.reconnect();
    await platform.service('control-plane').start();
  }, 60_000);
});

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
