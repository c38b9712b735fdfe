import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CredentialRef, Json, Plan, PlanConnection } from '@toolplane/contracts';
import { credentialAudience } from '@toolplane/sealing';
import { createMemoryStore } from '../../test/memory-store.ts';
import { planOf } from '../../test/plan.ts';
import { startCommands, type TestCommands } from '../../test/start-commands.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';

const CANARY = 'sk_canary_0123456789';
const ids = { ownerId: 'ws', instanceId: 'coi' };
const user: CredentialRef = { ...ids, scope: 'user', subject: 'ada@example.com' };
const workspace: CredentialRef = { ...ids, scope: 'workspace', subject: 'ws' };

let api: Upstream;
let answer: Parameters<typeof startUpstream>[0];
let commands: TestCommands;
beforeEach(async () => {
  answer = json({ user: CANARY });
  api = await startUpstream((request, response) => answer(request, response));
  commands = startCommands(createMemoryStore());
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
  expect(commands.internalErrors).toEqual([]);
});

const field = { key: 'api_key', isSecret: true, isRequired: true };
const connection: PlanConnection = { ...ids, connector: 'tickets', authentication: { id: 'api_key', fields: [field] } };

const planTo = (url: string, rest: Partial<Plan> = {}): Plan => {
  const failure = { succeeds: '$steps.test.response.status == 200', actions: [] };
  const headers = { 'X-API-Key': '$secrets.api_key' };
  return planOf([{ id: 'test', url, headers, failure }], {}, { connection, ...rest });
};
const planOfTest = (rest: Partial<Plan> = {}) => planTo(`${api.url}/me`, rest);

async function store(ref: CredentialRef, value: string, hosts = ['127.0.0.1']) {
  const sealed = await commands.seal(credentialAudience(ref), { api_key: value }, hosts);
  const command = { command: 'store_credential', ref, authenticationId: 'api_key', fields: [field], sealed };
  expect(await commands.send(command as Json)).toMatchObject({ ok: true });
}

const run = (plan: Plan, ref?: CredentialRef, tenant = 'ws') => {
  return commands.send({ command: 'test_connection', plan, ...(ref === undefined ? {} : { ref }) } as Json, tenant);
};

describe('test_connection', () => {
  test('sends the request with the credentials, and reveals only its status', async () => {
    await store(workspace, CANARY);
    const outcome = await run(planOfTest());
    expect(outcome).toEqual({
      ok: true,
      outcome: 'done',
      value: { isSuccess: true, status: 200, message: 'The test was answered with status 200' },
    });
    expect(api.seen).toMatchObject([{ url: '/me', headers: { 'x-api-key': CANARY } }]);
  });

  test('uses only the credentials of the named scope', async () => {
    await store(workspace, 'of the workspace');
    await store(user, 'of the user');
    await run(planOfTest(), user);
    await run(planOfTest());
    expect(api.seen.map(({ headers }) => headers['x-api-key'])).toEqual(['of the user', 'of the workspace']);
    const missing = await run(planOfTest(), { ...user, subject: 'eve' });
    expect(missing).toMatchObject({ ok: true, value: { isSuccess: false } });
    expect(missing).not.toHaveProperty('value.status');
    expect(api.seen).toHaveLength(2);
  });

  test.each([
    [401, 'The credentials were refused: the test was answered with status 401'],
    [403, 'The credentials were refused: the test was answered with status 403'],
    [404, 'The test was answered with status 404, which is not what the descriptor expects'],
    [500, 'The test was answered with status 500, which is not what the descriptor expects'],
  ])('explains the failure when the answer is %i', async (status, message) => {
    answer = json({ error: CANARY }, status);
    await store(workspace, CANARY);
    expect(await run(planOfTest())).toEqual({
      ok: true,
      outcome: 'done',
      value: { isSuccess: false, status, message },
    });
  });

  test.each<[string, () => Promise<Plan>, RegExp]>([
    ['there are no credentials', async () => planOfTest(), /no credentials/],
    [
      'they may not be sent there',
      async () => {
        await store(workspace, CANARY, ['api.example.com']);
        return planOfTest();
      },
      /may not be sent/,
    ],
    [
      'nothing listens there',
      async () => {
        await store(workspace, CANARY);
        return planTo('http://127.0.0.1:9/');
      },
      /does not accept connections/,
    ],
    [
      'it leads to an internal address (B106)',
      async () => {
        await store(workspace, CANARY, ['10.0.0.1']);
        return planTo('http://10.0.0.1/');
      },
      /not allowed because of its address/,
    ],
    [
      'the connection breaks',
      async () => {
        await store(workspace, CANARY);
        answer = (_, response) => void response.destroy();
        return planOfTest();
      },
      /closed the connection/,
    ],
  ])('gives a failed test, not a failed command, when %s', async (_name, prepare, message) => {
    const outcome = await run(await prepare());
    expect(outcome).toMatchObject({ ok: true, value: { isSuccess: false, message: expect.stringMatching(message) } });
    expect(JSON.stringify(outcome)).not.toContain(CANARY);
  });

  test.each<[string, () => Plan, CredentialRef | undefined, string]>([
    ['of another tenant', () => planOfTest(), undefined, 'other'],
    ['without a connection', () => ({ ...planOf([{ url: api.url }]) }), undefined, 'ws'],
    ['with the credentials of another instance', () => planOfTest(), { ...user, instanceId: 'x' }, 'ws'],
    ['with the credentials of another owner', () => planOfTest(), { ...user, ownerId: 'x' }, 'ws'],
    ['of several steps', () => planOf([{ url: api.url }, { url: api.url }], {}, { connection }), undefined, 'ws'],
    [
      'with a secret of a server',
      () => planOf([{ url: api.url, secrets: ['KEY'] }], {}, { connection }),
      undefined,
      'ws',
    ],
  ])('%s is not found', async (_name, plan, ref, tenant) => {
    await store(workspace, CANARY);
    expect(await run(plan(), ref, tenant)).toMatchObject({ ok: false, error: { code: 'not_found' } });
    expect(api.seen).toEqual([]);
  });

  test('ends when it is cancelled', async () => {
    await store(workspace, CANARY);
    answer = () => {};
    const controller = new AbortController();
    const asked = api.nextRequest();
    const body = { command: 'test_connection', plan: planOfTest() } as Json;
    const testing = commands.handle({ tenant: 'ws', body, signal: controller.signal, leaveSlot: () => {} });
    await asked;
    controller.abort();
    expect(await testing).toMatchObject({ ok: true, value: { isSuccess: false } });
  });
});
