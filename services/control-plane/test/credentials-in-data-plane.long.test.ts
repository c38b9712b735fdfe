import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { SealingTarget } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import { createConnectedApi } from './connected-api.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { startDataPlane } from './data-plane.ts';

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
let dataPlane: AsyncDisposable;
beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  dataPlane = await startDataPlane(plane);
});
afterAll(async () => {
  await dataPlane[Symbol.asyncDispose]();
  await plane.close();
});

async function put(id: string, body: { scope: string; subject?: string; auth_type?: string }, value: object) {
  const { scope, subject } = body;
  const named = new URLSearchParams({ instance: id, scope, ...(subject === undefined ? {} : { subject }) });
  const target: SealingTarget = (await api.get(`/sealing-target?${named}`)).body.data;
  const sealed = await sealSecret(target, { value, hosts: ['*.example.test'] } as never);
  return plane.send('PUT', `/api/v1/connector-instances/${id}/credentials`, { auth_type: 'token', sealed, ...body });
}

test.each([
  ['a workspace', {}],
  ['the organization', { workspace: null }],
])('a data plane keeps, uses and deletes the credentials of an instance of %s', async (_name, fields) => {
  const { id } = (await api.createInstance(fields)).body.data;
  const path = `/api/v1/connector-instances/${id}`;
  const noCredentials = { status: 'failed', message: expect.stringContaining('no credentials'), http_status: null };
  expect((await plane.send('POST', `${path}/test`)).body.data).toEqual(noCredentials);
  for (const scope of ['workspace', 'organization']) {
    const { status, body } = await put(id, { scope }, { token: 'sk_live_canary' });
    expect([status, body.data]).toMatchObject([200, { scope, version: 1, fields: ['token'], is_usable: true }]);
  }
  // The host does not exist. It is sufficient that the test gets beyond the credentials.
  const tested = (await plane.send('POST', `${path}/test`, { scope: 'organization' })).body.data;
  expect(tested).toMatchObject({ status: 'failed', message: expect.not.stringContaining('no credentials') });
  for (const scope of ['workspace', 'organization']) {
    expect((await plane.send('DELETE', `${path}/credentials/${scope}`)).status).toBe(204);
  }
  expect((await plane.send('POST', `${path}/test`)).body.data).toEqual(noCredentials);
});

test('400 names each field that does not fit, and quotes no value', async () => {
  const { id } = (await api.createInstance()).body.data;
  const { status, body, text } = await put(id, { scope: 'workspace' }, { tokn: 'sk_live_canary' });
  expect([status, body.error.details]).toEqual([
    400,
    [
      { path: '/value/tokn', message: 'is not a field of this authentication' },
      { path: '/value/token', message: 'is required' },
    ],
  ]);
  expect(text).not.toContain('canary');
});

test('an OAuth client alone cannot be used before somebody has signed in', async () => {
  const { id } = (await api.createInstance({ auth_type: 'oauth' })).body.data;
  const client = { client_id: 'app', client_secret: 'a-client-secret' };
  const { body } = await put(id, { scope: 'workspace', auth_type: 'oauth' }, client);
  expect(body.data).toMatchObject({ is_usable: false, fields: ['client_id', 'client_secret'] });
  expect((await api.get(`/connector-instances/${id}`)).body.data.has_credentials).toBe(false);
});
