import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { apiKeyBytes, formatApiKey } from '@toolplane/contracts';
import { getFreePort } from '@toolplane/loopback/ports';
import { startTestRedis, type TestRedis } from '@toolplane/loopback/test-redis';
import { generateSigningKeys } from '@toolplane/sealing';
import { createTcpGate, type TcpGate } from './tcp-gate.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

jest.setTimeout(30_000);

/** Tests the process as it is started everywhere: environment, signals, exit code. */

let tables: TestDatabase;
let gate: TcpGate;
let redis: TestRedis;
let settings: Record<string, string>;
let child: ChildProcess;
let stderr = '';
beforeAll(async () => {
  tables = await createTestDatabase();
  redis = await startTestRedis();
  const { hostname, port } = new URL(tables.url);
  gate = await createTcpGate({ host: hostname, port: Number(port) });
  const random = { keyId: randomBytes(apiKeyBytes.keyId), secret: randomBytes(apiKeyBytes.secret) };
  settings = {
    PATH: process.env['PATH'] ?? '',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
    PORT: String(await getFreePort()),
    HEALTH_PORT: String(await getFreePort()),
    DATABASE_URL: Object.assign(new URL(tables.url), { hostname: '127.0.0.1', port: String(gate.port) }).href,
    REDIS_URL: redis.url,
    COMMAND_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    MANIFEST_SIGNING_KEY: (await generateSigningKeys()).privateJwk,
    API_KEY_PEPPER: randomBytes(32).toString('hex'),
    EDGE_PUBLIC_URL: 'https://mcp.example.test/',
    BOOTSTRAP_API_KEY: formatApiKey(random).key,
  };
});
afterEach(() => void child.kill('SIGKILL'));
afterAll(async () => {
  gate.close();
  await redis.kill();
  await tables.drop();
});

function start(changes: Record<string, string> = {}): void {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  stderr = '';
  child = spawn(process.execPath, ['--conditions=toolplane-source', main], {
    env: { ...settings, ...changes },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
}

const api = (path: string) =>
  fetch(`http://127.0.0.1:${settings['PORT']}${path}`, {
    headers: { 'x-api-key': settings['BOOTSTRAP_API_KEY'] ?? '' },
  });
const ready = () => fetch(`http://127.0.0.1:${settings['HEALTH_PORT']}/readyz`);

/** Repeats a request until the answer is as expected. Only the time limit of the test ends it. */
async function eventually(ask: () => Promise<Response>, status: number): Promise<Response> {
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer?.status === status) return answer;
    if (child.exitCode !== null) throw new Error(`the service ended: ${stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('starts without PostgreSQL and Redis, answers 503 meanwhile, works once they are there, and ends on SIGTERM', async () => {
  gate.shut();
  await redis.kill();
  start();
  await eventually(ready, 503);
  const askedAt = performance.now();
  expect((await api('/api/v1/workspaces')).status).toBe(503);
  expect(performance.now() - askedAt).toBeLessThan(2500);

  gate.open();
  await redis.start();
  await eventually(ready, 200);
  const answer = await eventually(() => api('/api/v1/workspaces'), 200);
  // Longer than load balancers keep an idle connection, so that none uses a connection that is being closed.
  expect(answer.headers.get('keep-alive')).toBe('timeout=65');
  const { data } = (await answer.json()) as { data: unknown };
  expect(data).toMatchObject([{ id: 'ws_default', organizationId: 'org_default', name: 'default' }]);

  gate.shut();
  expect(await (await eventually(ready, 503)).text()).toBe('database: does not answer\n');
  gate.open();
  await eventually(ready, 200);

  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  for (const name of ['BOOTSTRAP_API_KEY', 'API_KEY_PEPPER', 'COMMAND_KEYS'])
    expect(stderr).not.toContain(settings[name]);
});

/** The output of the process besides its log. */
function linesForPeople(): string {
  const lines = stderr.trim().split('\n');
  return lines.filter((line) => !line.startsWith('{')).join('\n');
}

test('a migration that cannot be applied fails the start with one clear line', async () => {
  const other = await createTestDatabase();
  await other.query('CREATE TABLE organizations (id TEXT)');
  start({ DATABASE_URL: other.url });
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(linesForPeople()).toMatch(/^control-plane: Migration 0001_foundation failed and none of it was applied .*$/);
  await other.drop();
});

test('a role that bypasses row-level security, and may create none that does not, fails the start with one clear line', async () => {
  const other = await createTestDatabase({ attributes: 'BYPASSRLS' });
  start({ DATABASE_URL: other.url });
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(linesForPeople()).toMatch(/^control-plane: The role of DATABASE_URL bypasses row-level security, .*$/);
  await other.drop();
});

test('all problems of the environment are reported at once, without a value', async () => {
  start({
    BOOTSTRAP_API_KEY: 'tp_live_canary',
    EDGE_PUBLIC_URL: 'nowhere',
    PORT: 'http',
    CONTROL_PLANE_PUBLIC_URL: 'x',
  });
  expect(await once(child, 'exit')).toEqual([1, null]);
  for (const name of ['BOOTSTRAP_API_KEY', 'CONTROL_PLANE_PUBLIC_URL', 'EDGE_PUBLIC_URL', 'PORT'])
    expect(stderr).toContain(name);
  expect(stderr).not.toContain('canary');
});
