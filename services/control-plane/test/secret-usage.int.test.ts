import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { sealAnywhere } from './seal-anywhere.ts';

let plane: TestControlPlane;
let serverId: string;
let name: string;
let sealed: string;
let names = 0;

beforeAll(async () => {
  plane = await startTestControlPlane();
  sealed = await sealAnywhere(plane.sealingKey, { value: 'sk_live_canary', hosts: ['api.example.test'] });
  const server = { name: 'tickets', config: { allowedHosts: ['*.example.test'] } };
  serverId = (await plane.send('POST', '/api/v1/mcp-servers', server)).body.data.id;
  await plane.serveCommands(async (command) => {
    if (command.command !== 'store_secret') return succeeded(null);
    return succeeded({ version: command.version, hosts: ['api.example.test'], isRedactable: true });
  });
});
afterAll(() => plane.close());
beforeEach(() => {
  name = `KEY_${names++}`;
});

const pathOf = () => `/api/v1/mcp-servers/${serverId}/secrets/${name}`;
const put = () => plane.send('PUT', pathOf(), { sealed });
const get = async () => (await plane.send('GET', pathOf())).body.data;

const document = (host: string) => `flower: "0.1"
id: tickets
flows:
- id: find_ticket
  description: Looks a ticket up
  inputs: { properties: { host: { type: string } }, required: [host] }
  steps:
    - id: fixed
      request: { method: GET, url: "https://${host}/tickets", headers: { x-key: $secrets.${name} } }
      actions: [{ do: next }]
    - id: given
      request: { method: GET, url: "https://$inputs.host/tickets", headers: { x-key: $secrets.${name} } }
      actions: [{ do: next }]
- id: other
  description: Uses no secret
  steps:
    - id: plain
      request: { method: GET, url: "https://${host}/tickets" }
      actions: [{ do: next }]
`;
const deploy = (host: string) =>
  plane.send('POST', `/api/v1/mcp-servers/${serverId}/deploy`, { definition: document(host) });

test('nothing uses a secret while nothing runs', async () => {
  const { id } = (await plane.send('POST', '/api/v1/mcp-servers', { name: 'idle' })).body.data;
  const path = `/api/v1/mcp-servers/${id}/secrets/${name}`;
  await plane.send('PUT', path, { sealed });
  expect((await plane.send('GET', path)).body.data).toMatchObject({ deploymentId: null, usedBy: [], uncovered: [] });
});

test('tools of what runs use a secret, with their steps', async () => {
  await put();
  const { body } = await deploy('api.example.test');
  expect(body.data.diagnostics.filter(({ code }: { code: string }) => code === 'secret_host_denied')).toEqual([]);
  expect(await get()).toMatchObject({
    deploymentId: body.id,
    usedBy: [{ tool: 'find_ticket', steps: ['fixed', 'given'] }],
    uncovered: [],
  });
});

test('prompts and resources count as tools do (T5)', async () => {
  await put();
  const steps = `[{ id: read, request: { method: GET, url: "https://other.example.test/", headers: { x-key: $secrets.${name} } }, actions: [{ do: next }] }]`;
  const definition = `${document('api.example.test')}x-prompts:
- id: triage
  steps: ${steps}
  messages: [{ role: user, text: Triage }]
x-resources:
- { uri: "desk://guide", name: guide, text: Guide, steps: ${steps} }
- { uri_template: "desk://{page}", name: page, text: Page, steps: ${steps} }
`;
  const { body } = await plane.send('POST', `/api/v1/mcp-servers/${serverId}/deploy`, { definition });
  const names = ['prompt:triage', 'resource:desk://guide', 'resource:desk://{page}'];
  const { usedBy, uncovered } = await get();
  expect(usedBy.slice(1)).toEqual(names.map((tool) => ({ tool, steps: ['read'] })));
  expect(uncovered.map(({ tool }: { tool: string }) => tool)).toEqual(names);
  const reported = body.data.diagnostics.filter(({ code }: { code: string }) => code === 'secret_host_denied');
  expect(reported).toHaveLength(3);
});

test('what runs reports which secrets it uses that are not set, and where they would go', async () => {
  const missing = async () =>
    (await plane.send('GET', `/api/v1/mcp-servers/${serverId}/config`)).body.data.missingSecrets;
  await deploy('api.example.test');
  const usedBy = [{ tool: 'find_ticket', steps: ['fixed', 'given'] }];
  expect(await missing()).toEqual([{ name, usedBy, hosts: ['api.example.test'] }]);
  await put();
  expect(await missing()).toEqual([]);
});

test('a check for a server says what deploying to it would say, and saves nothing (T5)', async () => {
  const validate = async (definition: string, more: object = { server: 'tickets' }, key = plane.rootKey) => {
    const answer = await plane.send('POST', '/api/v1/documents/validate', { definition, ...more }, { key });
    return { status: answer.status, codes: answer.body.data?.diagnostics.map(({ code }: { code: string }) => code) };
  };
  await deploy('api.example.test');
  expect((await validate(document('other.example.test'))).codes).toContain('unknown_secret');
  await put();
  const policy = { policy: { rules: [{ id: 'named', effect: 'allow', tools: { names: ['tickets.find_ticket'] } }] } };
  expect((await plane.send('PUT', `/api/v1/mcp-servers/${serverId}/policy`, policy)).status).toBe(200);
  const renamed = document('other.example.test').replace('id: find_ticket', 'id: look_ticket_up');
  const asked = await validate(renamed);
  expect(asked.codes).toEqual(expect.arrayContaining(['secret_host_denied', 'policy_tool_missing']));
  expect(asked.codes).not.toContain('host_not_allowed');
  expect((await validate(document('other.example.test'))).codes).not.toContain('policy_tool_missing');
  const anywhere = await validate(renamed, {});
  expect(anywhere.codes).toEqual(expect.arrayContaining(['unknown_secret', 'host_not_allowed']));
  // The document is deployed only now.
  const { body } = await plane.send('POST', `/api/v1/mcp-servers/${serverId}/deploy`, { definition: renamed });
  expect(body.data.diagnostics.map(({ code }: { code: string }) => code)).toEqual(asked.codes);
  await plane.send('DELETE', `/api/v1/mcp-servers/${serverId}/policy`);

  const caller = await plane.send('POST', '/api/v1/api-keys', { name: 'caller', permissions: ['tools:call'] });
  const { key } = caller.body.data;
  expect((await validate(renamed, {}, key)).status).toBe(200);
  expect((await validate(renamed, { server: 'tickets' }, key)).status).toBe(403);
  expect((await validate(renamed, { server: 'tickets' }, (await plane.createTenant()).key)).status).toBe(404);
});

test('a deployment is told of each host that a secret was not sealed for (T5)', async () => {
  await put();
  const { status, body } = await deploy('other.example.test');
  expect(status).toBe(201);
  expect(body.data.diagnostics).toContainEqual(
    expect.objectContaining({
      severity: 'warning',
      code: 'secret_host_denied',
      message: `The step fixed of find_ticket sends the secret ${name} to other.example.test, for which it was not sealed`,
    }),
  );
});

test('and so is anyone who stores a secret that is sealed for other hosts (T5)', async () => {
  await put();
  await deploy('other.example.test');
  const uncovered = [{ tool: 'find_ticket', step: 'fixed', host: 'other.example.test' }];
  expect((await put()).body.data.uncovered).toEqual(uncovered);
  expect((await get()).uncovered).toEqual(uncovered);
});
