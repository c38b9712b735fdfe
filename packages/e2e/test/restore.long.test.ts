import { cpSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, putSecret, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/* Restores a backup, step by step as `docs/operations/guide.md` describes it for operators. */

const OLD = 'the-value-of-the-backup';
const NEW = 'the-value-of-later';

let platform: TestPlatform;
let upstream: Upstream;
/** The key that the upstream received last. */
let sentKey: unknown;

beforeAll(async () => {
  upstream = await startUpstream(({ headers, path }, response) => {
    sentKey = headers['x-key'];
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ path }));
  });
  platform = await startPlatform();
}, 60_000);
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
});

const document = (path: string) => `
flower: "0.1"
id: kept
flows:
  - id: look
    description: Says which path it asked for.
    steps:
      - id: only
        request: { method: GET, url: ${upstream.url}/${path}, headers: { X-Key: $secrets.KEY } }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { path: $steps.only.response.body.path }
`;

const secretOf = (value: string) => ({ value, hosts: [upstream.host] });
const deploy = (server: DeployedServer, path: string) =>
  platform.rest.call('POST', `/mcp-servers/${server.id}/deploy`, { definition: document(path), references: [] });
const look = (server: DeployedServer, headers = {}) => callPlainly(platform, server.id, 'look', {}, { headers });
const pathOf = async (server: DeployedServer) => (await look(server)).result?.structuredContent['path'];

test('what a backup holds is served again, what came later is gone, and all goes on from there', async () => {
  const kept = await deployServer(platform, 'kept', document('before'), { KEY: secretOf(OLD) });
  type Key = { id: string; key: string };
  const request = { name: 'second', permissions: ['tools:call'] };
  const second = (await platform.rest.call<Key>('POST', '/api-keys', request)) as Key;
  const withSecond = { 'x-api-key': second.key };
  await until(async () => (await look(kept, withSecond)).status === 200);

  const secrets = `${platform.secretsFolder}.backup`;
  await platform.database.backUp();
  cpSync(platform.secretsFolder, secrets, { recursive: true });

  const late = await deployServer(platform, 'late', document('late'), { KEY: secretOf(NEW) });
  await deploy(kept, 'after');
  await putSecret(platform, kept.id, 'KEY', secretOf(NEW));
  await platform.rest.call('DELETE', `/api-keys/${second.id}`);
  await until(async () => (await pathOf(kept)) === '/after' && sentKey === NEW);
  await until(async () => (await look(kept, withSecond)).status === 401);

  for (const name of ['control-plane', 'edge', 'data-plane'] as const) await platform.service(name).kill('SIGTERM');
  await platform.database.restore();
  rmSync(platform.secretsFolder, { recursive: true });
  cpSync(secrets, platform.secretsFolder, { recursive: true });
  const redis = new Redis(platform.redisUrl);
  await redis.flushall();
  redis.disconnect();

  await platform.service('control-plane').start();
  await until(async () => /^toolplane_publication_pending 0$/m.test(await platform.service('control-plane').metrics()));
  await platform.service('data-plane').start();
  await platform.service('edge').start();

  expect([await pathOf(kept), sentKey]).toEqual(['/before', OLD]);
  expect((await look(late)).status).toBe(404);
  // The restored database no longer has the revocation, which the guide warns of.
  expect((await look(kept, withSecond)).status).toBe(200);

  await deploy(kept, 'again');
  await putSecret(platform, kept.id, 'KEY', secretOf(NEW));
  await until(async () => (await pathOf(kept)) === '/again' && sentKey === NEW);
}, 60_000);
