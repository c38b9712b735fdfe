import { hash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SealingKey, SealingTarget } from '@toolplane/contracts';
import { createCallCipher, EnvelopeRejected, parseCallKeys, sealSecret } from '@toolplane/sealing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { createInstance, registerConnector, requestRest } from '../src/connectors.ts';
import { startModernExternal, type TestExternalServer } from '../src/external-servers.ts';
import { callPlainly, listToolNames } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, putSecret, startPlatform, type TestPlatform } from '../src/platform.ts';
import { sealFor } from '../src/seal-for.ts';
import { smallConnector } from '../src/small-connector.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/* Two pools in addition to the default one, each with its own data planes, keys, Redis user and secret store. */

const pools = ['eu', 'us'] as const;
const places = [undefined, ...pools];
const keyOf = (pool: string | undefined) => `secret-of-${pool ?? 'default'}-0123456789`;
const digestOf = (text: string) => hash('sha256', text);
const seenKeyOf = (pool: string | undefined) => digestOf(keyOf(pool));

let platform: TestPlatform;
let upstream: Upstream;
let external: TestExternalServer;
let admin: Redis;
/** The servers by pool. */
const servers = new Map<string | undefined, DeployedServer>();

const documentOf = (id: string) => `
flower: "0.1"
id: ${id}
flows:
  - id: show_key
    description: Sends the secret of the server in a header.
    x-deadline: 3
    steps:
      - id: only
        request: { method: GET, url: "${upstream.url}/key", headers: { X-Key: $secrets.KEY } }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { key: $steps.only.response.body.key }
`;

beforeAll(async () => {
  upstream = await startUpstream(({ headers, path }, response) => {
    // The key is identified by its digest, because a response that contains a secret is scrubbed.
    const key = digestOf(String(headers['x-key'] ?? headers['x-api-key'] ?? path));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ key }));
  });
  external = await startModernExternal();
  platform = await startPlatform({ EXTERNAL_REFRESH_SECONDS: '1' }, { poolNames: pools });
  await Promise.all(pools.map((pool) => platform.pool(pool).start()));
  admin = new Redis(platform.redisUrl, { disconnectTimeout: 100 });
  for (const pool of places) {
    const name = `in-${pool ?? 'default'}`;
    const secrets = { KEY: { value: keyOf(pool), hosts: [upstream.host] } };
    servers.set(
      pool,
      await deployServer(platform, name, documentOf(name), secrets, pool === undefined ? {} : { pool }),
    );
  }
}, 90_000);
afterAll(async () => {
  admin?.disconnect();
  for (const each of [external, upstream, platform]) await each?.[Symbol.asyncDispose]();
});

const serverOf = (pool: string | undefined) => servers.get(pool) ?? { id: '', slug: '', url: '' };
const showKey = (pool: string | undefined) => callPlainly(platform, serverOf(pool).id, 'show_key');
const folderOf = (pool: string | undefined) =>
  pool === undefined ? platform.secretsFolder : platform.pool(pool).settings.secretsFolder;
const filesIn = (pool: string | undefined) => readdirSync(folderOf(pool)).sort();
/** Whether the secret is in the pool's file store, by the file name that the store uses. */
const isStoredIn = (pool: string | undefined, serverId: string) =>
  filesIn(pool).includes(`${digestOf(`ws_default/${serverId}/KEY`)}.sealed`);
/** Reads the status of a service on its health port. */
// biome-ignore lint/suspicious/noExplicitAny: tests examine it member by member
const statusOf = async (name: 'control-plane' | 'edge'): Promise<any> =>
  (await fetch(`${platform.healthUrl(name)}/status`)).json();

test.each(places)('a call to a server in the pool %s runs there, with its secret', async (pool) => {
  const { result } = await showKey(pool);
  expect(result?.structuredContent).toEqual({ key: seenKeyOf(pool) });
});

test('a secret is in the store of the pool of its server and in no other (T33)', () => {
  for (const pool of places) {
    const holders = places.filter((other) => isStoredIn(other, serverOf(pool).id));
    expect([pool, holders]).toEqual([pool, [pool]]);
  }
});

test('what was sealed for one pool cannot be stored in another (T33)', async () => {
  const { id } = serverOf('eu');
  const key = (await platform.rest.call<SealingKey>('GET', '/sealing-key?pool=us')) as SealingKey;
  const target = await platform.rest.call<SealingTarget>('GET', `/sealing-target?server=${id}&secret=OTHER`);
  const sealed = await sealSecret(
    { key, audience: target?.audience },
    { value: 'for-another-pool', hosts: [upstream.host] },
  );
  const path = `/mcp-servers/${id}/secrets/OTHER`;
  expect(await requestRest(platform, 'PUT', path, { sealed })).toMatchObject({ status: 400 });
});

test('an unknown pool is refused with the list of existing ones', async () => {
  const { status, body } = await requestRest(platform, 'POST', '/mcp-servers', { name: 'nowhere', pool: 'mars' });
  expect([status, body.error.details]).toEqual([
    400,
    [{ path: 'body.pool', message: 'must be the name of a pool: the pools are eu, us' }],
  ]);
  const { body: shown } = await requestRest(platform, 'GET', `/mcp-servers/${serverOf('eu').id}`);
  expect(shown.data.pool).toBe('eu');
  expect(await requestRest(platform, 'GET', '/sealing-key?pool=mars')).toMatchObject({ status: 400 });
});

describe('while the data planes of a pool are away', () => {
  beforeAll(() => platform.pool('eu').kill('SIGTERM'));
  afterAll(() => platform.pool('eu').start());

  test('its calls end as not started at their deadline, and the others go on', async () => {
    const waiting = showKey('eu');
    await until(async () => (await admin.llen('tp:queue:calls.eu-2:wait')) === 1);
    for (const pool of [undefined, 'us']) {
      expect((await showKey(pool)).result?.structuredContent).toEqual({ key: seenKeyOf(pool) });
    }
    const { result } = await waiting;
    expect(result?.isError).toBe(true);
    expect(result?.structuredContent).toMatchObject({ outcome: 'not_started', code: 'deadline_exceeded' });
  });

  test('operators see that nothing serves the pool, and what waits', async () => {
    const waiting = showKey('eu');
    await until(async () => {
      const { queues } = await statusOf('edge');
      return queues.some((it: { queue: string; waiting: number }) => it.queue === 'calls.eu' && it.waiting === 1);
    });
    await waiting;
    const { fleet } = await statusOf('control-plane');
    expect(fleet.pools).toEqual([
      { pool: null, workers: 1, readyWorkers: 1 },
      { pool: 'eu', workers: 0, readyWorkers: 0 },
      { pool: 'us', workers: 1, readyWorkers: 1 },
    ]);
  });

  test('no other pool can fetch or open what waits, nor what is copied into its queue (T33)', async () => {
    const requestsBefore = upstream.requests.length;
    const waiting = showKey('eu');
    await until(async () => (await admin.llen('tp:queue:calls.eu-2:wait')) === 1);
    const [callId = ''] = await admin.lrange('tp:queue:calls.eu-2:wait', 0, 0);
    const envelope = JSON.parse((await admin.hget(`tp:queue:calls.eu-2:${callId}`, 'data')) ?? '');
    for (const url of [platform.pool('us').redisUrl, platform.redisUrls['data-plane']]) {
      const other = new Redis(url, { disconnectTimeout: 100 });
      await expect(other.hgetall(`tp:queue:calls.eu-2:${callId}`)).rejects.toThrow('NOPERM');
      await expect(other.zpopmin('tp:queue:calls.eu-2:marker')).rejects.toThrow('NOPERM');
      await expect(other.set(`tp:fence:calls.eu:${callId}`, 'x')).rejects.toThrow('NOPERM');
      await expect(other.publish(`tp:replies:calls.eu:${envelope.replyTo}`, 'x')).rejects.toThrow('NOPERM');
      other.disconnect();
    }
    await admin.call('ACL', 'LOG', 'RESET');
    const { v, tenant, replyTo, deadline, epoch, lease, sealed } = envelope;
    const admitted = [lease.id, lease.weight];
    const aad = JSON.stringify([v, 'calls.eu', callId, tenant, replyTo, deadline, epoch, admitted]);
    const open = (keys: string) =>
      createCallCipher(parseCallKeys(keys)).open({ purpose: 'call', party: replyTo, aad }, sealed);
    expect(JSON.parse(open(platform.pool('eu').settings.callKeys))).toMatchObject({ tool: 'show_key' });
    expect(() => open(platform.pool('us').settings.callKeys)).toThrow(EnvelopeRejected);

    const copied = new Queue('calls.us-2', { connection: { url: platform.redisUrl }, prefix: 'tp:queue' });
    await copied.add('call', envelope, { jobId: callId });
    await until(async () => platform.logs().includes('envelope_rejected'));
    await copied.close();
    await waiting;
    expect(upstream.requests.length).toBe(requestsBefore);
  });
});

describe('without any data plane of the default pool, whatever concerns a server in a pool goes on there', () => {
  let mixed: DeployedServer;
  let smart: DeployedServer;
  let instance: { id: string; server: { id: string; url: string } };

  beforeAll(async () => {
    const fields = [{ key: 'api_key', label: 'key', field_type: 'secret', required: true }];
    const auth = { auth_type_ref: 'api_key', auth_headers: { 'X-API-Key': '{api_key}' } };
    const operations = { find_guest: { endpoint: `${upstream.url}/guest`, ...auth } };
    const authentication = [{ type: 'api_key', fields }];
    await registerConnector(platform, smallConnector({ slug: 'guests', operations, authentication }));
    instance = await createInstance(platform, { connector: 'guests', instance_name: 'G', auth_type: 'api_key' });
    const moved = await requestRest(platform, 'PATCH', `/mcp-servers/${instance.server.id}`, { pool: 'us' });
    expect([moved.status, moved.body.data.pool]).toEqual([200, 'us']);
    const request = { name: 'mixed', mode: 'NORMAL', selectedTools: ['in-eu.show_key'] };
    mixed = (await requestRest(platform, 'POST', '/mcp-servers', request)).body.data;
    smart = (await requestRest(platform, 'POST', '/mcp-servers', { name: 'smart' })).body.data;
    await until(async () => (await listToolNames(platform, mixed.id)).length === 1);
    await platform.service('data-plane').kill('SIGTERM');
  }, 60_000);
  afterAll(() => platform.service('data-plane').start());

  test('a selected tool runs in the pool of the server that it is from', async () => {
    const { result } = await callPlainly(platform, mixed.id, 'show_key');
    expect(result?.structuredContent).toEqual({ key: seenKeyOf('eu') });
  });

  test('so does a tool found with the meta tools', async () => {
    const calls = pools.map((pool) => ({ slug: `in-${pool}.show_key`, arguments: {} }));
    const { result } = await callPlainly(platform, smart.id, 'execute_tools', { calls });
    const results = pools.map((pool) => expect.objectContaining({ ok: true, output: { key: seenKeyOf(pool) } }));
    expect(result?.structuredContent).toMatchObject({ results });
  });

  test('an external server is inspected and called from the pool', async () => {
    const configs = [{ name: 'modern', url: external.url, tools: ['*'] }];
    const request = { name: 'attached', mode: 'NORMAL', pool: 'us', externalMcpConfigs: configs };
    const { status, body } = await requestRest(platform, 'POST', '/mcp-servers', request);
    expect([status, body.data.externalMcpConfigs[0].state]).toEqual([201, 'ok']);
    await until(async () => (await listToolNames(platform, body.data.id)).includes('modern__greet'));
    const { result } = await callPlainly(platform, body.data.id, 'modern__greet', { name: 'Ada' });
    expect(result?.isError ?? false).toBe(false);
  });

  test('credentials of a connector are stored in the pool of its server, and used there', async () => {
    const secret = { value: { api_key: 'guest-key-0123456789' }, hosts: [upstream.host] };
    const sealed = await sealFor(platform.rest, { instance: instance.id, scope: 'workspace' }, secret);
    const credential = { scope: 'workspace', auth_type: 'api_key', sealed };
    const before = places.map(filesIn);
    const put = await requestRest(platform, 'PUT', `/connector-instances/${instance.id}/credentials`, credential);
    expect(put.status).toBe(200);
    const now = places.map(filesIn);
    expect(now.map((files, index) => files.length > (before[index]?.length ?? 0))).toEqual([false, false, true]);
    const { result } = await callPlainly(platform, instance.server.id, 'find_guest');
    expect(result?.structuredContent).toEqual({ result: { key: digestOf('guest-key-0123456789') } });
  });
});

test('a moved server says which secrets stay behind, and works once they are entered again', async () => {
  const { id } = serverOf('eu');
  const { status, body } = await requestRest(platform, 'PATCH', `/mcp-servers/${id}`, { pool: 'us' });
  expect([status, body.data.leftBehind]).toEqual([200, [{ kind: 'secret', name: 'KEY' }]]);
  await until(async () => (await showKey('eu')).result?.structuredContent['code'] === 'secret_missing');
  await putSecret(platform, id, 'KEY', { value: 'typed-again-0123456789', hosts: [upstream.host] });
  await until(
    async () => (await showKey('eu')).result?.structuredContent['key'] === digestOf('typed-again-0123456789'),
  );
  expect(isStoredIn('us', id)).toBe(true);
});

test('a data plane listens for probes on this host alone, and for nothing else', () => {
  const pid = platform.pool('us').pid();
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? ''];
      } catch {
        return [];
      }
    }),
  );
  const listening = ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === '0A' && sockets.has(columns[9] ?? '-'))
      .map((columns) => columns[1]?.split(':')[0]),
  );
  // This is how the kernel writes 127.0.0.1.
  expect(listening).toEqual(['0100007F']);
});
