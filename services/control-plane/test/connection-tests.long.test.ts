import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Command, failed, type Outcome } from '@toolplane/contracts';
import { createConnectedApi, crmDescriptor } from './connected-api.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

let plane: TestControlPlane;
let api: ReturnType<typeof createConnectedApi>;
let sealed: string;
let commands: Command[];
/** Answers instead of the data plane, unless it returns undefined. */
let answerFirst: (command: Command) => Promise<Outcome | undefined> | undefined;
beforeAll(async () => {
  plane = await startTestControlPlane();
  api = createConnectedApi(plane);
  sealed = await api.seal({ token: 'sk_live_canary' });
  const fake = fakeDataPlane(plane.sealingKey);
  commands = fake.commands;
  await plane.serveCommands(async (command) => (await answerFirst(command)) ?? fake.handle(command));
});
beforeEach(() => {
  answerFirst = () => undefined;
});
afterAll(() => plane.close());

const createInstance = async (fields: object = {}) => (await api.createInstance({ ...fields })).body.data;
const pathOf = (id: string) => `/api/v1/connector-instances/${id}/credentials`;
const put = (id: string, body: object, key?: string) =>
  plane.send('PUT', pathOf(id), { auth_type: 'token', sealed, ...body }, key === undefined ? {} : { key });

describe('the test of a connection', () => {
  const run = (id: string, body: object = {}) => plane.send('POST', `/api/v1/connector-instances/${id}/test`, body);
  const stateOf = async (id: string) => {
    const { test_status, test_message, last_tested_at } = (await api.get(`/connector-instances/${id}`)).body.data;
    return { test_status, test_message, last_tested_at };
  };

  test('runs the test endpoint with the credentials of the scope; state and message are kept', async () => {
    const { id } = await createInstance();
    let during: unknown;
    answerFirst = async (command) => {
      if (command.command === 'test_connection') during = await stateOf(id);
      return undefined;
    };
    const { status, body } = await run(id, { scope: 'workspace' });
    expect([status, body.data]).toEqual([
      200,
      { status: 'success', message: 'The test endpoint answered 200', http_status: 200 },
    ]);
    expect(during).toMatchObject({ test_status: 'pending', test_message: null });
    expect(await stateOf(id)).toMatchObject({
      test_status: 'success',
      test_message: 'The test endpoint answered 200',
      last_tested_at: expect.any(String),
    });
    expect(commands.findLast((each) => each.command === 'test_connection')).toMatchObject({
      ref: { ownerId: 'ws_default', instanceId: id, scope: 'workspace', subject: 'ws_default' },
      plan: { workspaceId: 'ws_default', connection: { instanceId: id, authentication: { id: 'token' } } },
    });
    await run(id);
    expect(commands.findLast((each) => each.command === 'test_connection')).not.toHaveProperty('ref');
  });

  test('for one user or agent is only a response, and says nothing of the instance', async () => {
    const { id } = await createInstance();
    const before = await stateOf(id);
    expect(before).toEqual({ test_status: 'pending', test_message: null, last_tested_at: null });
    for (const scope of ['user', 'agent']) {
      const { body } = await run(id, { scope, subject: 'ada' });
      expect(body.data.status).toBe('success');
      expect(commands.findLast((each) => each.command === 'test_connection')).toMatchObject({ ref: { scope } });
    }
    expect(await stateOf(id)).toEqual(before);
  });

  test('says nothing of what came after it: changing what was tested discards it', async () => {
    const { id } = await createInstance();
    const changes = [
      () => put(id, { scope: 'workspace' }),
      () => plane.send('PATCH', `/api/v1/connector-instances/${id}`, { configuration: { region: 'us' } }),
      () => plane.send('DELETE', `${pathOf(id)}/workspace`),
    ];
    for (const change of changes) {
      await run(id);
      expect(await stateOf(id)).toMatchObject({ test_status: 'success' });
      expect([200, 204]).toContain((await change()).status);
      expect(await stateOf(id)).toEqual({ test_status: 'pending', test_message: null, last_tested_at: null });
    }
  });

  test('needs no body', async () => {
    const { id } = await createInstance();
    expect((await plane.send('POST', `/api/v1/connector-instances/${id}/test`)).status).toBe(200);
  });

  test('that fails is a response, too', async () => {
    const { id } = await createInstance();
    answerFirst = async ({ command }) =>
      command === 'test_connection'
        ? { ok: true, outcome: 'done', value: { isSuccess: false, status: 401, message: 'It answered 401' } }
        : undefined;
    const { body } = await run(id);
    expect(body.data).toEqual({ status: 'failed', message: 'It answered 401', http_status: 401 });
    expect(await stateOf(id)).toMatchObject({ test_status: 'failed', test_message: 'It answered 401' });
  });

  test('that cannot be made says so, and does not stay pending', async () => {
    const { id } = await createInstance();
    answerFirst = async ({ command }) =>
      command === 'test_connection' ? failed('done', 'credentials_missing', 'There are no credentials') : undefined;
    expect((await run(id)).status).toBe(424);
    expect(await stateOf(id)).toMatchObject({ test_status: 'failed', test_message: 'There are no credentials' });
  });

  test('409 where the connector has no test endpoint', async () => {
    const { id } = await createInstance({ auth_type: 'oauth' });
    const { status, body } = await run(id);
    expect([status, body.error.message]).toEqual([409, 'The connector does not declare how to test oauth']);
    expect(await stateOf(id)).toMatchObject({ test_status: 'pending', last_tested_at: null });
  });

  test('is made for instances without a server', async () => {
    await api.register(crmDescriptor({ slug: 'only-tested', mcp: false }));
    const { id } = await createInstance({ connector: 'only-tested' });
    expect((await run(id)).body.data.status).toBe('success');
  });

  test('whose process ended is not pending for ever', async () => {
    const { id } = await createInstance();
    const longAgo = new Date(Date.now() - 120_000);
    await plane.database.asPlatform((tx) =>
      tx.connectorInstance.update({ where: { id }, data: { testStatus: 'pending', lastTestedAt: longAgo } }),
    );
    await plane.following.catchUp();
    expect(await stateOf(id)).toMatchObject({ test_status: 'failed' });
  });
});
