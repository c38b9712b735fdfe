import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { parseApiKey } from '@toolplane/contracts';
import type { LocalAddresses } from '../greeting.ts';
import { createRestClient } from '../rest-client.ts';
import { projectFolder, SOURCE_FLAGS } from '../services.ts';

const folder = mkdtempSync(join(tmpdir(), 'toolplane-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Started = { addresses: LocalAddresses; stderr: () => string; stop: () => Promise<string> };

/** Runs `npm start -- --json` with a data folder of its own, until it is ready or has ended. */
async function start(home: string, settings: Record<string, string> = {}): Promise<Started> {
  const { REDIS_URL: _, DATABASE_URL: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [...SOURCE_FLAGS, 'infra/local/start.ts', '--json'], {
    cwd: projectFolder,
    env: { ...inherited, NODE_OPTIONS: '', TOOLPLANE_HOME: home, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      output[name] += chunk;
    });
  }
  const closed = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), closed]);
  if (child.exitCode !== null) throw new Error(output.stderr);
  return {
    addresses: JSON.parse(output.stdout),
    stderr: () => output.stderr,
    async stop() {
      child.kill('SIGTERM');
      await closed;
      return output.stderr;
    },
  };
}

/** What a user does with the API key that was printed. */
const asUser = ({ api, apiKey }: LocalAddresses) => createRestClient(api, apiKey);

const egressOf = ({ workspaceId }: LocalAddresses) => `/workspaces/${workspaceId}/egress`;
const policy = { unmatched: 'deny', rules: [] };

test('whatever people do to the sample and to the printed key, the next start finds a working platform', async () => {
  const home = join(folder, 'changed');
  const acts: [act: (addresses: LocalAddresses) => Promise<unknown>, warning: string][] = [
    [(it) => asUser(it).call('POST', '/mcp-servers/nightline/stop'), 'its server nightline is stopped'],
    [
      async (it) => {
        await asUser(it).call('POST', '/mcp-servers/nightline/start');
        await asUser(it).call('PUT', '/mcp-servers/nightline/policy', { policy });
      },
      'does not see the tool plan_night_journey',
    ],
    [
      async (it) => {
        await asUser(it).call('DELETE', '/mcp-servers/nightline/policy');
        await asUser(it).call('PUT', egressOf(it), { allowHosts: ['api.example.com'], denyHosts: [] });
      },
      'egress_denied',
    ],
    [
      async (it) => {
        await asUser(it).call('PUT', egressOf(it), { allowHosts: null, denyHosts: [] });
        await asUser(it).call('DELETE', `/api-keys/${parseApiKey(it.apiKey)?.keyId}`);
      },
      'is no longer valid',
    ],
  ];
  let started = await start(home);
  expect(started.addresses.sampleServer).toBeDefined();
  const firstKey = started.addresses.apiKey;
  for (const [act, warning] of acts) {
    await act(started.addresses);
    await started.stop();
    started = await start(home);
    expect(started.stderr()).toContain(warning);
    expect(await asUser(started.addresses).call('GET', '/mcp-servers?limit=1')).toHaveLength(1);
  }
  const { addresses } = started;
  expect(addresses.apiKey).not.toBe(firstKey);
  expect(addresses.sampleServer).toBeDefined();
  // The key of `npm start` itself is in no list, so nobody can revoke it.
  const keys = await asUser(addresses).call<{ name: string }[]>('GET', '/api-keys?limit=100');
  expect(keys?.map(({ name }) => name).sort()).toEqual(['bootstrap', 'npm start']);
  const { internalKey } = JSON.parse(readFileSync(join(home, 'keys.json'), 'utf8'));
  expect(await asUser(addresses).call('DELETE', `/api-keys/${parseApiKey(internalKey)?.keyId}`)).toBeUndefined();
  expect(await createRestClient(addresses.api, internalKey).call('GET', '/mcp-servers?limit=1')).toHaveLength(1);
  const script = `. ${join(home, 'env')}; toolplane tools nightline`;
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toContain('plan_night_journey');
  await started.stop();
}, 180_000);

test.each([
  ['a folder of a newer release', { 'layout.json': '{"layout":99}' }, {}, 'was written by a newer release'],
  ['a port that is no number', {}, { PORT_BASE: 'many' }, 'PORT_BASE=many is not a port number'],
  ['a database that does not answer', {}, { DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/d' }, 'DATABASE_URL does not'],
])(
  '%s ends the start with one line that says what to do',
  async (name, files, settings, reason) => {
    const home = mkdtempSync(join(folder, `${name.replaceAll(' ', '-')}-`));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(home, file), text);
    const failed = await start(home, settings).then(
      () => 'started',
      (error: Error) => error.message,
    );
    const lines = failed.trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('toolplane: '))).toEqual([expect.stringContaining(reason)]);
    expect(failed).not.toMatch(/^ +at /m);
  },
  60_000,
);
