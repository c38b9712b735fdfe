import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SealingTarget } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import { createConnectedApi } from './connected-api.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

/* The targets for sealing: people use the names that they know, and the API returns the audience. */

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
let dataPlane: { close(): Promise<void> };
let serverId: string;
let instanceId: string;
beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  dataPlane = await plane.serveCommands(fakeDataPlane(plane.sealingKey).handle);
  serverId = (await plane.send('POST', '/api/v1/mcp-servers', { name: 'tickets' })).body.data.id;
  instanceId = (await api.createInstance()).body.data.id;
});
afterAll(async () => {
  await dataPlane.close();
  await plane.close();
});

const targetOf = (purpose: Record<string, string>, key?: string) =>
  api.get(`/sealing-target?${new URLSearchParams(purpose)}`, key);
async function sealFor(purpose: Record<string, string>): Promise<string> {
  const target: SealingTarget = (await targetOf(purpose)).body.data;
  return sealSecret(target, { value: 'a-secret-value', hosts: ['api.example.test'] });
}

test('200: each place has an audience of its own, and the key of its pool', async () => {
  const purposes = [
    { server: 'tickets', secret: 'KEY' },
    { server: 'tickets', secret: 'OTHER' },
    { instance: instanceId },
    { instance: instanceId, scope: 'user', subject: 'ada' },
    { instance: instanceId, scope: 'user', subject: 'bob' },
    { issuer: 'https://id.example.com' },
    { url: 'https://mcp.example.com/mcp' },
  ];
  const answers = await Promise.all(purposes.map((purpose) => targetOf(purpose as Record<string, string>)));
  expect(answers.map(({ status }) => status)).toEqual(purposes.map(() => 200));
  expect(answers.map(({ body }) => body.data.key)).toEqual(purposes.map(() => plane.sealingKey));
  expect(answers[0]?.body.data.audience).toBe(`ws_default/${serverId}/KEY`);
  expect(new Set(answers.map(({ body }) => body.data.audience)).size).toBe(purposes.length);
  expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain('ada');
});

describe('400', () => {
  test.each([
    ['nothing', {}],
    ['a server without a place in it', { server: 'tickets' }],
    ['two places', { server: 'tickets', secret: 'KEY', url: 'https://a.example.com' }],
    ['a scope without an instance', { server: 'tickets', secret: 'KEY', scope: 'user' }],
  ])('for %s', async (_name, purpose) => {
    const { status, body } = await targetOf(purpose as Record<string, string>);
    expect([status, body.error.details?.[0]?.path]).toEqual([400, 'query']);
  });

  test('when a value is stored elsewhere than where it was sealed for, with what to do (T40)', async () => {
    const sealed = await sealFor({ server: 'tickets', secret: 'KEY' });
    const { status, body } = await plane.send('PUT', `/api/v1/mcp-servers/${serverId}/secrets/OTHER`, { sealed });
    expect([status, body.error.details]).toEqual([
      400,
      [{ path: 'body.sealed', message: expect.stringMatching(/not for the secret OTHER.*seal it again/) }],
    ]);
    const credential = { scope: 'workspace', auth_type: 'token', sealed };
    const put = await plane.send('PUT', `/api/v1/connector-instances/${instanceId}/credentials`, credential);
    expect(put.status).toBe(400);
    expect((await plane.send('PUT', `/api/v1/mcp-servers/${serverId}/secrets/KEY`, { sealed })).status).toBe(200);
  });
});

test('404 for places of another workspace', async () => {
  const { key } = await api.createNeighbour(['secrets:write', 'servers:read']);
  expect((await targetOf({ server: serverId, secret: 'KEY' }, key)).status).toBe(404);
  expect((await targetOf({ instance: instanceId }, key)).status).toBe(404);
});
