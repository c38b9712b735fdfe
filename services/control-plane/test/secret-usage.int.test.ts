import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
let dataPlane: { close(): Promise<void> };
let serverId: string;
let name: string;
let sealed: string;
let names = 0;

beforeAll(async () => {
  plane = await startTestControlPlane();
  sealed = await sealSecret(plane.sealingKey, { value: 'sk_live_canary', hosts: ['api.example.test'] });
  const server = { name: 'tickets', config: { allowedHosts: ['*.example.test'] } };
  serverId = (await plane.send('POST', '/api/v1/mcp-servers', server)).body.data.id;
  dataPlane = await plane.serveCommands(async (command) => {
    if (command.command !== 'store_secret') return succeeded(null);
    return succeeded({ version: command.version, hosts: ['api.example.test'], isRedactable: true });
  });
});
afterAll(async () => {
  await dataPlane.close();
  await plane.close();
});
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
  const told = body.data.diagnostics.filter(({ code }: { code: string }) => code === 'secret_host_denied');
  expect(told).toHaveLength(3);
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

test('and so is whoever stores a secret that is sealed for other hosts (T5)', async () => {
  await put();
  await deploy('other.example.test');
  const uncovered = [{ tool: 'find_ticket', step: 'fixed', host: 'other.example.test' }];
  expect((await put()).body.data.uncovered).toEqual(uncovered);
  expect((await get()).uncovered).toEqual(uncovered);
});
