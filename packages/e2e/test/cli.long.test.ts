import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildCli } from '@toolplane/local/build-cli';
import { type Cli, recordTraffic, useCli } from '../src/cli.ts';
import { formsOf } from '../src/leaks.ts';
import { callPlainly } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';
import { arazzo, openApi } from './train-documents.ts';

/* The command line tool: downloaded from a platform and used as people and pipelines use it, as a separate process. */

const SECRET = 'canary-Qb7!x&z/9"typed-into-a-pipe';

let platform: TestPlatform;
let upstream: Upstream;
let folder: string;
let file: string;
let cli: Cli;

const write = (name: string, content: string) => writeFileSync(join(folder, name), content);

beforeAll(async () => {
  platform = await startPlatform({ CLI_FILE: await buildCli() });
  const tries = new Map<string, number>();
  upstream = await startUpstream(({ path, headers }, response) => {
    const nth = (tries.get(path) ?? 0) + 1;
    tries.set(path, nth);
    if (headers.authorization !== `Bearer ${SECRET}`) return void response.writeHead(401).end('{}');
    // This path is never answered.
    if (path === '/trains/99') return;
    response.writeHead(path === '/trains/7' && nth % 2 === 1 ? 503 : 200, { 'content-type': 'application/json' });
    // Text from an upstream is shown, and must not control the reader's terminal.
    response.end(JSON.stringify({ position: 'Saint Orrin\u001b[2J', crew: 'not declared' }));
  });
  folder = mkdtempSync(join(tmpdir(), 'toolplane-cli-'));
  file = join(folder, 'toolplane.mjs');
  writeFileSync(file, await (await fetch(`${platform.api}/cli/toolplane.mjs`)).text());
  write('trains.openapi.yaml', openApi);
  write('trains.arazzo.yaml', arazzo());
  cli = useCli(file, folder, { XDG_CONFIG_HOME: folder, PATH: '' });
  const { code } = await cli.run(['login', platform.api], { input: `${platform.apiKey}\n` });
  expect(code).toBe(0);
  await cli.run(['servers', 'create', 'trains', '--source-server', `trains=${upstream.url}`]);
  await cli.run(['deploy', 'trains', 'trains.arazzo.yaml']);
  await cli.run(['secrets', 'set', 'trains', 'trains_key', '--host', upstream.host], { input: SECRET });
}, 60_000);

afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe('the file', () => {
  test('is not sent again to a client that has it', async () => {
    const first = await fetch(`${platform.api}/cli/toolplane.mjs`);
    expect(first.headers.get('content-disposition')).toBe('attachment; filename="toolplane.mjs"');
    const again = await fetch(`${platform.api}/cli/toolplane.mjs`, {
      headers: { 'if-none-match': first.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
    });
    expect([first.status, again.status]).toEqual([200, 304]);
    const plain = await fetch(`${platform.api}/cli/toolplane.mjs`, { headers: { 'accept-encoding': 'identity' } });
    expect(await plain.text()).toBe(await first.text());
  });

  test('names the licences of its parts and its own version', async () => {
    expect(readFileSync(file, 'utf8')).toContain('## commander - ');
    const { code, stdout } = await cli.run(['--version']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+/)]);
    expect(await cli.run(['depoly'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('logging in', () => {
  test('keeps the key where nobody else on the machine can read it', () => {
    expect(statSync(join(folder, 'toolplane', 'login.json')).mode & 0o777).toBe(0o600);
  });

  test('with an invalid key says what to do, for people and for programs, and keeps nothing', async () => {
    const elsewhere = { XDG_CONFIG_HOME: join(folder, 'elsewhere') };
    const login = await cli.run(['login', platform.api], { input: 'tp_live_wrong', env: elsewhere });
    expect([login.code, login.stderr]).toEqual([
      1,
      expect.stringMatching(/^toolplane: The API key is not valid\n.*expired/),
    ]);
    expect((await cli.run(['servers'], { env: elsewhere })).stderr).toContain('Not logged in');
    const env = { TOOLPLANE_API: platform.api, TOOLPLANE_API_KEY: 'tp_live_gone' };
    const { code, stderr } = await cli.run(['whoami', '--json'], { env });
    const error = expect.objectContaining({ code: 'unauthenticated', status: 401 });
    expect([code, JSON.parse(stderr)]).toEqual([1, { error }]);
  });

  test('works for several platforms at a time, each by its name', async () => {
    const env = { XDG_CONFIG_HOME: join(folder, 'several') };
    const input = platform.apiKey;
    expect(await cli.run(['login', platform.api, '--profile', 'staging'], { input, env })).toMatchObject({ code: 0 });
    expect((await cli.run(['servers'], { env })).stderr).toContain('Not logged in');
    const { stdout } = await cli.run(['whoami', '--profile', 'staging', '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({
      platform: platform.api,
      profile: 'staging',
      workspace: { id: 'ws_default' },
      key: { permissions: expect.arrayContaining(['servers:read']) },
    });
    const used = await cli.run(['profiles'], { env: { ...env, TOOLPLANE_PROFILE: 'staging' } });
    expect(used.stdout).toMatch(/^staging +http:\S+ +yes$/m);
  });

  test('says what the key may do, also if it may do little', async () => {
    const request = { name: 'little', permissions: ['tools:call'] };
    const little = await platform.rest.call<{ key: string }>('POST', '/api-keys', request);
    const env = { TOOLPLANE_API: platform.api, TOOLPLANE_API_KEY: little?.key ?? '' };
    const { stdout } = await cli.run(['whoami'], { env });
    for (const fact of [/^Key: .+\(little\)$/m, /^Workspace: .+\(ws_default\)$/m, /^Permissions: +tools:call$/m]) {
      expect(stdout).toMatch(fact);
    }
  });

  test('is not needed where the environment has the key', async () => {
    const env = {
      TOOLPLANE_API: platform.api,
      TOOLPLANE_API_KEY: platform.apiKey,
      XDG_CONFIG_HOME: join(folder, 'none'),
    };
    const { code, stdout } = await cli.run(['servers', '--json'], { env });
    expect([code, JSON.parse(stdout)]).toEqual([0, [expect.objectContaining({ slug: 'trains', state: 'running' })]]);
  });

  test('a saved key is sent to no other platform, and follows no redirect', async () => {
    const asked: (string | undefined)[] = [];
    const other = createServer(({ headers }, response) => {
      asked.push(headers['x-api-key'] as string | undefined);
      response.writeHead(302, { location: `${platform.api}/api/v1/mcp-servers` }).end();
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const elsewhere = await cli.run(['servers'], { env: { TOOLPLANE_API: url } });
    expect([elsewhere.code, asked]).toEqual([1, []]);
    const redirected = await cli.run(['servers'], { env: { TOOLPLANE_API: url, TOOLPLANE_API_KEY: 'of-the-other' } });
    expect(redirected.stderr).toContain('redirects to');
    expect(asked).toEqual(['of-the-other']);
    other.close();
  });
});

describe('documents', () => {
  test('are validated with the files that they name, without the platform', async () => {
    const alone = useCli(file, folder, { XDG_CONFIG_HOME: join(folder, 'none') });
    const { code, stdout } = await alone.run(['validate', 'trains.arazzo.yaml']);
    expect([code, stdout]).toEqual([0, 'Valid: 0 errors, 0 warnings\nRequired secrets: trains_key\n']);
    const piped = await alone.run(['validate', '-', '--json'], { input: arazzo() });
    expect(JSON.parse(piped.stdout)).toEqual({ valid: true, diagnostics: [], secrets: ['trains_key'] });
  });

  test.each([
    'validate broken.arazzo.yaml',
    'validate --online broken.arazzo.yaml',
    'deploy trains broken.arazzo.yaml',
  ])('%s names the place and exits with code 1, and what runs stays', async (command) => {
    write('broken.arazzo.yaml', arazzo().replace('getPosition', 'getPlace'));
    const { code, stdout } = await cli.run(command.split(' '));
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^broken\.arazzo\.yaml:11:\d+ error .*getPlace/m)]);
    const { stdout: deployments } = await cli.run(['deployments', 'trains', '--json']);
    expect(JSON.parse(deployments)).toHaveLength(1);
  });

  test('with problems create no server', async () => {
    write('broken.arazzo.yaml', arazzo().replace('getPosition', 'getPlace'));
    const { code, stderr } = await cli.run(['deploy', '--create', 'unmade', 'broken.arazzo.yaml']);
    expect([code, stderr]).toEqual([1, 'toolplane: broken.arazzo.yaml has problems; nothing was deployed\n']);
    expect((await cli.run(['deployments', 'unmade'])).stderr).toBe('toolplane: There is no such MCP server\n');
  });

  test('are deployed to a server that is created for them once, and an earlier one can run again', async () => {
    const deploy = (limit: number) => {
      write('again.arazzo.yaml', arazzo(limit));
      return cli.run(['deploy', '--create', 'again', 'again.arazzo.yaml', '--json']);
    };
    const { stdout: deployed, stderr } = await deploy(1);
    expect(stderr).toContain('Created: again, in mode NORMAL');
    const first = JSON.parse(deployed);
    expect(first).toMatchObject({ deployed: true, state: 'active' });
    // The warnings are repeated.
    expect(JSON.parse((await deploy(1)).stdout)).toEqual({ deployed: false, diagnostics: first.diagnostics });
    expect(first.diagnostics).toMatchObject([{ code: 'secret_missing' }]);
    await deploy(2);
    await cli.run(['rollback', 'again', first.id]);
    expect(await serverOf('again')).toMatchObject({ mode: 'NORMAL' });
    const { stdout } = await cli.run(['deployments', 'again', '--json']);
    const states = JSON.parse(stdout) as { id: string; state: string }[];
    expect(states.find(({ id }) => id === first.id)?.state).toBe('active');
  });
});

describe('servers', () => {
  test('say what they run and which secrets they lack, stop and start, and are deleted after a confirmation', async () => {
    await cli.run(['deploy', '--create', 'lacking', 'trains.arazzo.yaml']);
    const { stdout: shown } = await cli.run(['servers', 'get', 'lacking', '--json']);
    expect(JSON.parse(shown)).toMatchObject({
      state: 'running',
      tools: ['find_train'],
      transports: ['streamable-http', 'sse'],
      missingSecrets: [{ name: 'trains_key' }],
      deployedAt: expect.any(String),
    });
    expect((await cli.run(['servers', 'stop', 'lacking'])).stdout).toBe('Stopped: lacking\n');
    expect(await serverOf('lacking')).toMatchObject({ isStopped: true });
    expect((await cli.run(['servers', 'start', 'lacking'])).stdout).toBe('Started: lacking\n');
    expect(await serverOf('lacking')).toMatchObject({ isStopped: false });
    // There is no terminal at which a person could confirm.
    const unconfirmed = await cli.run(['servers', 'delete', 'lacking']);
    expect(unconfirmed).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
    expect((await cli.run(['servers', 'delete', 'lacking', '--yes'])).stdout).toBe('Deleted: lacking\n');
    const { stderr } = await cli.run(['servers', 'get', 'lacking', '--json']);
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'not_found', message: 'There is no such MCP server', status: 404 },
    });
  });
});

describe('tools', () => {
  test('are called as agents call them', async () => {
    const { code, stdout, stderr } = await cli.run(['run', 'trains', 'find_train', '-i', 'number=8']);
    expect([code, stderr, JSON.parse(stdout || '{}')]).toEqual([0, '', { position: 'Saint Orrin\u001b[2J' }]);
    const listed = await cli.run(['tools', 'trains']);
    expect(listed.stdout).toContain('find_train  Tells where a train is');
    const shown = await cli.run(['tools', 'trains', 'find_train']);
    expect(shown.stdout).toContain('Inputs:\n  number (integer, required): Of the train\n\nOutputs:\n  position\n');
  });

  test.each([
    ['an input that the schema refuses', ['find_train', '-i', 'number="8"'], '/number must be integer'],
    ['an unknown tool', ['find_trains'], 'Unknown tool'],
    ['invalid inputs', ['find_train', '--inputs', '[8]'], '--inputs must be a JSON object'],
  ])('%s: exit code 1, with the reason', async (_, args, reason) => {
    const { code, stdout, stderr } = await cli.run(['run', 'trains', ...args]);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(reason)]);
  });

  test('debug shows each step of a run, without the secret, and ends its session', async () => {
    const { code, stdout } = await cli.run(['debug', 'trains', 'find_train', '-i', 'number=7']);
    expect(code).toBe(0);
    expect(stdout).toContain(`GET ${upstream.url}/trains/7\n    | 503`);
    expect(stdout).toMatch(/→ retry after 10 ms[\s\S]*attempt 2[\s\S]*outcome: done\n$/);
    expect(stdout).toContain('\\u001b[2J');
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain(SECRET);
    const [latest] = await sessionsOf('trains');
    expect(latest).toMatchObject({ state: 'ended', end_reason: 'stopped' });
  });

  test('debug that is interrupted during a run ends its session as well, and does not report success', async () => {
    const arrival = upstream.nextRequest();
    const running = cli.start(['debug', 'trains', 'find_train', '-i', 'number=99']);
    expect((await arrival).path).toBe('/trains/99');
    const { code, stderr } = await running.interrupt();
    expect([code, stderr]).toEqual([1, expect.stringContaining('Interrupted')]);
    expect((await sessionsOf('trains'))[0]).toMatchObject({ state: 'ended', end_reason: 'stopped' });
  });

  test('debug follows the calls of others until Ctrl-C', async () => {
    const running = cli.start(['debug', 'trains']);
    await running.untilPrinted('Following');
    await until(async () => (await sessionsOf('trains'))[0]?.state === 'open');
    // Edges are notified of the session after the person who opened it: calls made in between are not shown.
    const seen = running.untilPrinted('outcome: done');
    let isSeen = false;
    void seen.then(() => {
      isSeen = true;
    });
    await until(async () => {
      await callPlainly(platform, (await serverOf('trains')).id, 'find_train', { number: 9 });
      return isSeen;
    });
    const { code, stdout } = await running.interrupt();
    expect([code, stdout]).toEqual([0, expect.stringContaining(`GET ${upstream.url}/trains/9`)]);
    expect((await sessionsOf('trains'))[0]).toMatchObject({ state: 'ended', end_reason: 'stopped' });
  });

  test('logs list the calls that have ended, and go on with those that end later', async () => {
    await callPlainly(platform, (await serverOf('trains')).id, 'find_train', { number: 'no number' });
    const failed = [
      'logs',
      'trains',
      '--until',
      '2100-01-01',
      '--code',
      'invalid_arguments',
      '--since',
      '5m',
      '--json',
    ];
    await until(async () => (await cli.run(failed)).stdout !== '');
    const [line = ''] = (await cli.run(failed)).stdout.split('\n');
    expect(JSON.parse(line)).toMatchObject({ tool: 'find_train', outcome: 'not_started', code: 'invalid_arguments' });
    const forPeople = await cli.run(failed.slice(0, -1));
    expect(forPeople.stdout).toMatch(/^\S+ not_started invalid_arguments trains\.find_train \d+ ms, direct, key /);

    const running = cli.start(['logs', 'trains', '--follow', '--limit', '1', '--code', 'deadline_exceeded']);
    const followed = cli.start(['logs', 'trains', '--follow', '--limit', '1', '--tool', 'find_train']);
    await Promise.all([followed, running].map((each) => each.untilPrinted('Following')));
    const { stdout } = await followed.interrupt();
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(await running.interrupt()).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('a secret', () => {
  test('is in nothing that is sent to the platform, and reaches the upstream', async () => {
    await using recorded = await recordTraffic(platform.api);
    const env = { TOOLPLANE_API: recorded.url, TOOLPLANE_API_KEY: platform.apiKey };
    const stored = await cli.run(['secrets', 'set', 'trains', 'trains_key', '--host', upstream.host], {
      input: `${SECRET}\n`,
      env,
    });
    expect(stored).toMatchObject({ code: 0, stderr: '' });
    const seal = await cli.run(['seal', '--server', 'trains', '--secret', 'trains_key', '--host', upstream.host], {
      input: SECRET,
      env,
    });
    expect(seal.stdout).toMatch(/^[\w.-]+\n$/);
    const places = [...recorded.traffic, stored.stdout, seal.stdout].join('\n');
    for (const [form, text] of Object.entries(formsOf(SECRET)))
      expect([form, places.includes(text)]).toEqual([form, false]);
    expect(recorded.traffic.some((each) => each.startsWith('PUT'))).toBe(true);

    const { code } = await cli.run(['run', 'trains', 'find_train', '-i', 'number=10']);
    expect(code).toBe(0);
    expect(upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${SECRET}`);
  });

  test('that tools would send elsewhere is stored with a warning, and can be listed and deleted', async () => {
    await cli.run(['deploy', '--create', 'elsewhere', 'trains.arazzo.yaml']);
    const set = await cli.run(['secrets', 'set', 'elsewhere', 'trains_key', '--host', 'other.example'], {
      input: 'x'.repeat(9),
    });
    expect(set).toMatchObject({ code: 0, stderr: expect.stringContaining('trains.example.test') });
    expect((await cli.run(['secrets', 'list', 'elsewhere'])).stdout).toMatch(/^trains_key +other\.example +1 +never$/m);
    await cli.run(['secrets', 'delete', 'elsewhere', 'trains_key']);
    expect((await cli.run(['secrets', 'list', 'elsewhere', '--json'])).stdout).toBe('[]\n');
  });

  test('of a connector goes the same way, from an OpenAPI document to a call', async () => {
    const imported = ['connectors', 'import', 'trains.openapi.yaml', '--server-url', upstream.url, '-o', 'trains.json'];
    expect(await cli.run(imported)).toMatchObject({ code: 0, stdout: '' });
    expect(await cli.run(['validate', 'trains.json'])).toMatchObject({ code: 0 });
    expect((await cli.run(['connectors', 'register', 'trains.json'])).stdout).toBe('Registered: trains 1.0.0\n');
    const body = JSON.stringify({ connector: 'trains', instance_name: 'our-trains', auth_type: 'key' });
    const made = await cli.run(['api', 'POST', '/connector-instances', '--body', '-'], { input: body });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const { id, server } = JSON.parse(made.stdout).data as { id: string; server: { id: string } };
    expect((await cli.run(['credentials', 'list'])).stdout).toMatch(/^our-trains +\S+ +trains +key +NOT SET$/m);
    const refused = await cli.run(['credentials', 'set', 'our-trains', '--host', upstream.host], { input: SECRET });
    expect(refused).toMatchObject({ code: 1, stderr: expect.not.stringContaining(SECRET) });
    const set = await cli.run(['credentials', 'set', id, '--host', upstream.host], {
      input: JSON.stringify({ token: SECRET }),
    });
    expect(set).toEqual({ code: 0, stdout: 'Stored for the workspace ws_default\n', stderr: '' });
    const { stdout: listed } = await cli.run(['credentials', 'list', 'our-trains']);
    expect(listed).toMatch(/^workspace +ws_default +key +token +\S+ +yes$/m);
    expect((await cli.run(['connectors', 'get', 'trains'])).stdout).toMatch(/^Instances: +our-trains$/m);
    await until(async () => (await cli.run(['tools', server.id])).code === 0);
    const [tool] = JSON.parse((await cli.run(['tools', server.id, '--json'])).stdout) as { name: string }[];
    expect((await cli.run(['run', server.id, tool?.name ?? '', '-i', 'number=11'])).code).toBe(0);
    expect(upstream.requests.at(-1)).toMatchObject({
      path: '/trains/11',
      headers: { authorization: `Bearer ${SECRET}` },
    });
  });
});

type Session = { state: string; end_reason: string | null };

async function sessionsOf(server: string): Promise<Session[]> {
  return (await platform.rest.call<Session[]>('GET', `/mcp-servers/${server}/debug-sessions`)) ?? [];
}

async function serverOf(name: string): Promise<{ id: string }> {
  return (await platform.rest.call<{ id: string }>('GET', `/mcp-servers/${name}`)) ?? { id: '' };
}
