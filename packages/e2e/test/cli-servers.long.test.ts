import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildCli } from '@toolplane/local/build-cli';
import { type Cli, useCli } from '../src/cli.ts';
import { createInstance, registerConnector, requestRest } from '../src/connectors.ts';
import { startModernExternal, type TestExternalServer } from '../src/external-servers.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { smallConnector } from '../src/small-connector.ts';

/* What only a platform knows about a server, as the command line tool shows it: policy, external servers, pool. */

let platform: TestPlatform;
let external: TestExternalServer;
let folder: string;
let cli: Cli;

beforeAll(async () => {
  platform = await startPlatform({}, { poolNames: ['eu'] });
  await platform.pool('eu').start();
  external = await startModernExternal();
  folder = mkdtempSync(join(tmpdir(), 'toolplane-cli-'));
  writeFileSync(
    join(folder, 'desk.flower.yaml'),
    `flower: "0.1"
id: desk
flows:
  - id: find_ticket
    description: Finds a ticket of the help desk by nothing at all.
    steps:
      - id: find
        request: { method: GET, url: "https://desk.example/tickets", headers: { X-Key: $secrets.DESK_KEY } }
        actions: [{ when: "$statusCode == 200", do: next }]
`,
  );
  const login = { TOOLPLANE_API: platform.api, TOOLPLANE_API_KEY: platform.apiKey };
  cli = useCli(await buildCli(), folder, { XDG_CONFIG_HOME: folder, PATH: '', ...login });
}, 60_000);
afterAll(async () => {
  for (const each of [platform, external]) await each?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const codesOf = (stdout: string) =>
  (JSON.parse(stdout).diagnostics as { code: string }[]).map(({ code }) => code).toSorted();

test('deploying what already runs gives the advice of a new deployment, and so does a check for its server', async () => {
  const deploy = () => cli.run(['deploy', '--create', 'desk', 'desk.flower.yaml', '--json']);
  expect(codesOf((await deploy()).stdout)).toEqual(['unknown_secret']);
  const seal = ['secrets', 'set', 'desk', 'DESK_KEY', '--host', 'elsewhere.example'];
  expect(await cli.run(seal, { input: 'key-of-the-desk' })).toMatchObject({ code: 0 });
  const policy = { rules: [{ id: 'named', effect: 'allow', tools: { names: ['desk.find_tickets'] } }] };
  expect((await requestRest(platform, 'PUT', '/mcp-servers/desk/policy', { policy })).status).toBe(200);

  const again = await deploy();
  expect(JSON.parse(again.stdout)).toMatchObject({ deployed: false });
  expect(codesOf(again.stdout)).toEqual(['policy_tool_missing', 'secret_host_denied']);
  const validate = (...options: string[]) => cli.run(['validate', 'desk.flower.yaml', '--json', ...options]);
  expect(codesOf((await validate('--server', 'desk')).stdout)).toEqual(codesOf(again.stdout));
  expect(codesOf((await validate('--online')).stdout)).toEqual([]);
  expect(await validate('--server', 'none')).toMatchObject({ code: 1, stderr: expect.stringContaining('not_found') });
});

test('servers get says which secrets are missing, including those in headers of external servers', async () => {
  await cli.run(['servers', 'create', 'guests']);
  const stored = ['secrets', 'set', 'guests', 'GUEST_KEY', '--host', external.host];
  expect(await cli.run(stored, { input: 'key-of-the-guests' })).toMatchObject({ code: 0 });
  const headers = { 'X-Key': '$secrets.GUEST_KEY' };
  const externalMcpConfigs = [{ name: 'modern', url: external.url, tools: ['greet'], headers }];
  expect((await requestRest(platform, 'PATCH', '/mcp-servers/guests', { externalMcpConfigs })).status).toBe(200);
  const get = async () => JSON.parse((await cli.run(['servers', 'get', 'guests', '--json'])).stdout);
  expect(await get()).toMatchObject({ tools: ['modern__greet'], missingSecrets: [], deployedAt: null });
  await cli.run(['secrets', 'delete', 'guests', 'GUEST_KEY']);
  const usedBy = expect.arrayContaining([{ tool: 'modern__greet', steps: ['modern'] }]);
  expect((await get()).missingSecrets).toEqual([{ name: 'GUEST_KEY', usedBy, hosts: [external.host] }]);
  const { stdout } = await cli.run(['servers', 'get', 'guests']);
  expect(stdout).toMatch(new RegExp(`^Secrets not set: +GUEST_KEY, for ${external.host}$`, 'm'));
});

test('servers get and a deployment give advice on all tools that a server lists', async () => {
  await cli.run(['servers', 'create', 'hall']);
  const externalMcpConfigs = [{ name: 'modern', url: external.url, tools: ['greet'], prefix: `${'p'.repeat(60)}_` }];
  expect((await requestRest(platform, 'PATCH', '/mcp-servers/hall', { externalMcpConfigs })).status).toBe(200);
  const { stdout } = await cli.run(['servers', 'get', 'hall']);
  expect(stdout).toMatch(/^Advice: +Some clients refuse names .* Choose a shorter prefix for the external server\.$/m);
  expect(codesOf((await cli.run(['servers', 'get', 'hall', '--json'])).stdout)).toEqual(['long_name']);
  const { stderr } = await cli.run(['deploy', 'hall', 'desk.flower.yaml']);
  expect(stderr.match(/warning Some clients refuse names .* \[long_name\]/g)).toHaveLength(1);
});

test('credentials of an instance of the organization are sealed for its pool, in each workspace', async () => {
  const fields = [{ key: 'api_key', label: 'key', field_type: 'secret', required: true }];
  const operation = { endpoint: 'https://rooms.example/rooms', auth_type_ref: 'api_key' };
  const operations = { list_rooms: { ...operation, auth_headers: { 'X-API-Key': '{api_key}' } } };
  const authentication = [{ type: 'api_key', fields }];
  await registerConnector(platform, smallConnector({ slug: 'rooms', operations, authentication }));
  const request = { connector: 'rooms', instance_name: 'our-rooms', auth_type: 'api_key', workspace: null };
  const { server } = await createInstance(platform, request);
  expect((await requestRest(platform, 'PATCH', `/mcp-servers/${server.id}`, { pool: 'eu' })).status).toBe(200);

  const { id: workspaceId } = (await requestRest(platform, 'POST', '/workspaces', { name: 'Neighbour' })).body.data;
  const permissions = ['servers:read', 'servers:write', 'secrets:write'];
  const key = (await requestRest(platform, 'POST', '/api-keys', { name: 'n', workspaceId, permissions })).body.data.key;
  const countStored = () => readdirSync(platform.pool('eu').settings.secretsFolder).length;
  const before = countStored();
  const set = await cli.run(['credentials', 'set', 'our-rooms', '--host', 'rooms.example'], {
    input: JSON.stringify({ api_key: 'key-of-the-rooms' }),
    env: { TOOLPLANE_API_KEY: key },
  });
  expect(set).toEqual({ code: 0, stdout: `Stored for the workspace ${workspaceId}\n`, stderr: '' });
  // The data planes could not have opened a secret that was sealed for another pool.
  expect(countStored()).toBeGreaterThan(before);
});
