import assert from 'node:assert';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Command, Permission } from '@toolplane/contracts';
import { digestOfUser } from '@toolplane/sealing';
import { type HttpAnswer, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';
import { sealAnywhere } from './seal-anywhere.ts';
import { ticketDescriptor } from './ticket-descriptor.ts';

let plane: TestControlPlane;
let commands: Command[];
let dataPlane: { close(): Promise<void> };
beforeAll(async () => {
  plane = await startTestControlPlane();
  const fake = fakeDataPlane(plane.sealingKey);
  commands = fake.commands;
  dataPlane = await plane.serveCommands(fake.handle);
});
afterAll(async () => {
  await dataPlane.close();
  await plane.close();
});

const path = '/api/v1/agents';
let count = 0;
const create = (request: object = {}, key = plane.rootKey) =>
  plane.send('POST', path, { name: `agent ${++count}`, ...request }, { key });
const created = async (request: object = {}) => (await create(request)).body.data;
const get = (id: string, key = plane.rootKey) => plane.send('GET', `${path}/${id}`, undefined, { key });
const toggle = (id: string, key = plane.rootKey) =>
  plane.send('PUT', `${path}/${id}/toggle-active`, undefined, { key });
const setActive = (id: string, isActive: unknown) => plane.send('PUT', `${path}/${id}/toggle-active`, { isActive });
const remove = (id: string) => plane.send('DELETE', `${path}/${id}`);
const keyOf = async (agentId: string, request: object = {}) =>
  (await plane.send('POST', '/api/v1/api-keys', { name: 'k', agentId, ...request })).body.data;
const statusOf = async (key: string) => (await plane.send('GET', '/api/v1/workspaces', undefined, { key })).status;

/** The key as an edge that starts now reads it. */
async function published(keyId: string) {
  await using fresh = await plane.openSnapshot();
  return fresh.getApiKey(keyId);
}

describe('an agent', () => {
  test('is created, shown, changed, and listed by part of its name and by state', async () => {
    const { status, body } = await create({ name: 'Invoice robot', description: 'Sends invoices' });
    expect(status).toBe(201);
    expect(body.data).toEqual({
      id: expect.stringMatching(/^agt_[a-z2-7]{24}$/),
      workspaceId: 'ws_default',
      name: 'Invoice robot',
      description: 'Sends invoices',
      isActive: true,
      lastSeenAt: null,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    const { id } = body.data;
    expect((await get(id)).body.data).toEqual(body.data);
    const changed = await plane.send('PATCH', `${path}/${id}`, { name: 'Billing robot', description: null });
    expect(changed.body.data).toMatchObject({ name: 'Billing robot', description: null });
    await toggle(id);
    const list = async (query: string) => (await plane.send('GET', `${path}?${query}`)).body;
    expect((await list('q=billing&isActive=false')).data).toMatchObject([{ id }]);
    expect(await list('q=billing&isActive=true')).toMatchObject({ total: 0, data: [] });
    expect((await plane.send('GET', `${path}?state=x`)).status).toBe(400);
  });

  test('is in the state that was asked for, however often: two people who both deactivate it do so', async () => {
    const { id } = await created();
    const key = await keyOf(id);
    const [first, second] = await Promise.all([setActive(id, false), setActive(id, false)]);
    expect([first.body.data.isActive, second.body.data.isActive]).toEqual([false, false]);
    expect(await setActive(id, false)).toMatchObject({ status: 200, body: { data: first.body.data } });
    expect([await statusOf(key.key), (await published(key.id))?.state]).toEqual([401, 'revoked']);
    expect((await setActive(id, true)).body.data.isActive).toBe(true);
    expect((await setActive(id, true)).body.data.isActive).toBe(true);
    expect([await statusOf(key.key), (await published(key.id))?.state]).toEqual([200, 'active']);
    for (const other of ['false', null, 0]) expect((await setActive(id, other)).status).toBe(400);
  });

  test('has a name that is unique in its workspace', async () => {
    const { name } = await created();
    expect((await create({ name })).status).toBe(409);
    const { id } = await created();
    expect((await plane.send('PATCH', `${path}/${id}`, { name })).status).toBe(409);
    const other = await plane.createTenant();
    expect((await create({ name }, other.key)).status).toBe(201);
  });

  test('is written by callers that may write agents, and read by callers that may read servers', async () => {
    const keyWith = async (permissions: Permission[]) =>
      (await plane.send('POST', '/api/v1/api-keys', { name: 'k', permissions })).body.data.key;
    const [reader, keyMaker] = [await keyWith(['servers:read']), await keyWith(['api-keys:write', 'tools:call'])];
    const { id } = await created();
    expect([(await get(id, reader)).status, (await toggle(id, reader)).status]).toEqual([200, 403]);
    expect((await create({}, keyMaker)).status).toBe(403);
    const request = { name: 'k', agentId: id };
    expect((await plane.send('POST', '/api/v1/api-keys', request, { key: keyMaker })).status).toBe(403);
  });
});

describe('a key of an agent', () => {
  test('may only call tools unless more is granted, is found by its agent, and tells edges whose it is', async () => {
    const { id } = await created();
    const key = await keyOf(id);
    expect(key).toMatchObject({ agentId: id, permissions: ['tools:call', 'servers:read'] });
    expect(await published(key.id)).toMatchObject({ agentId: id, state: 'active' });
    await keyOf((await created()).id);
    expect((await plane.send('GET', `/api/v1/api-keys?agentId=${id}`)).body).toMatchObject({
      total: 1,
      data: [{ id: key.id }],
    });
  });

  test('never belongs to an agent of another workspace (T1)', async () => {
    const other = await plane.createTenant();
    const foreign = (await create({}, other.key)).body.data.id;
    const refused = await plane.send('POST', '/api/v1/api-keys', { name: 'k', agentId: foreign });
    expect(refused.status).toBe(400);
    expect(refused.text).toBe((await plane.send('POST', '/api/v1/api-keys', { name: 'k', agentId: 'agt_x' })).text);
  });

  test('is valid only while the agent is active, here and at the edges', async () => {
    const { id } = await created();
    const key = await keyOf(id);
    expect(await statusOf(key.key)).toBe(200);
    expect((await toggle(id)).body.data.isActive).toBe(false);
    expect([await statusOf(key.key), (await published(key.id))?.state]).toEqual([401, 'revoked']);
    const made = await keyOf(id);
    expect([await statusOf(made.key), (await published(made.id))?.state]).toEqual([401, 'revoked']);
    await toggle(id);
    expect([await statusOf(key.key), (await published(key.id))?.state]).toEqual([200, 'active']);
    expect((await published(made.id))?.state).toBe('active');
  });

  test('is turned off with the tokens of the agent, which edges refuse like those of a user with its id', async () => {
    const { id } = await created();
    const deactivated = async () => {
      await using fresh = await plane.openSnapshot();
      return (await fresh.getUserRules('ws_default')).deactivated.includes(digestOfUser('ws_default', id));
    };
    await toggle(id);
    expect(await deactivated()).toBe(true);
    await toggle(id);
    expect(await deactivated()).toBe(false);
    await remove(id);
    expect(await deactivated()).toBe(true);
  });

  test('created while the agent is deactivated is not missed: none is published as valid in the end', async () => {
    for (let round = 0; round < 5; round++) {
      const { id } = await created();
      const [keys] = await Promise.all([Promise.all(Array.from({ length: 6 }, () => keyOf(id))), toggle(id)]);
      await plane.publishing.catchUp();
      const states = await Promise.all(keys.map(async (key) => (await published(key.id))?.state));
      expect(new Set(states)).toEqual(new Set(['revoked']));
    }
  });
});

test('the last use of an agent is what edges saw of it and what its keys do here', async () => {
  const { id } = await created();
  const at = Date.now() - 100_000;
  await plane.domains.agents.noteSeen([
    { kind: 'agent', id, at: at - 1000 },
    { kind: 'agent', id, at },
    { kind: 'key', id, at: at + 1000 },
  ]);
  expect((await get(id)).body.data.lastSeenAt).toBe(new Date(at).toISOString());
  await statusOf((await keyOf(id)).key);
  expect(Date.parse((await get(id)).body.data.lastSeenAt)).toBeGreaterThan(at);
});

/** Waits until a transaction waits for a row that another one has locked. */
async function oneWaits(): Promise<void> {
  const sql = 'SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid IS NOT NULL';
  while ((await plane.tables.query(sql)).rowCount === 0) await new Promise(setImmediate);
}

test('an agent is deactivated even while its first call is being reported', async () => {
  const { id } = await created();
  let toggled: Promise<HttpAnswer> | undefined;
  await plane.database.asPlatform(async (tx) => {
    const user = { workspaceId: 'ws_default', username: id, source: 'mcp' } as const;
    await tx.externalUser.create({ data: { id: `usr_of_${id}`, ...user } });
    toggled = toggle(id);
    await oneWaits();
  });
  expect((await toggled)?.status).toBe(200);
  const user = await plane.send('GET', `/api/v1/external-users/username/${id}`);
  expect(user.body.data).toMatchObject({ isActive: false });
});

describe('while an agent is locked by a change that has not yet reached its keys', () => {
  /** Locks the agent before the request begins, and changes its keys once the request waits for the agent. */
  async function whileChanged(agentId: string, begin: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    let answer: Promise<HttpAnswer> | undefined;
    await plane.database.asPlatform(async (tx) => {
      await tx.agent.update({ where: { id: agentId }, data: { updatedAt: new Date() } });
      answer = begin();
      await oneWaits();
      await tx.apiKey.updateMany({ where: { agentId }, data: { isPublished: false } });
    });
    assert(answer !== undefined);
    return answer;
  }

  test('its key is used: neither waits for the other', async () => {
    const { id } = await created();
    const { key } = await keyOf(id);
    expect((await whileChanged(id, () => plane.send('GET', '/api/v1/workspaces', undefined, { key }))).status).toBe(
      200,
    );
  });

  test('its key is rotated, or given to it again: neither waits for the other', async () => {
    const { id } = await created();
    const place = `/api/v1/api-keys/${(await keyOf(id)).id}`;
    expect((await whileChanged(id, () => plane.send('PATCH', place, { agentId: id }))).status).toBe(200);
    expect((await whileChanged(id, () => plane.send('POST', `${place}/rotate`, {}))).status).toBe(201);
  });
});

describe('the credentials of an agent', () => {
  async function connect(subject: string) {
    const slug = `connector-${++count}`;
    await plane.send('POST', '/api/v1/connectors', { descriptor: ticketDescriptor({ slug }) });
    const request = { connector: slug, instance_name: slug, auth_type: 'api_key' };
    const instance = (await plane.send('POST', '/api/v1/connector-instances', request)).body.data.id;
    const sealed = await sealAnywhere(plane.sealingKey, { value: '{}', hosts: ['api.example.test'] });
    const credential = { scope: 'agent', subject, auth_type: 'api_key', sealed };
    const place = `/api/v1/connector-instances/${instance}/credentials`;
    return { instance, place, put: await plane.send('PUT', place, credential) };
  }

  test('are stored under its id; those of an unknown agent are refused', async () => {
    const { id } = await created();
    expect((await connect(id)).put.status).toBe(200);
    const other = await plane.createTenant();
    const foreign = (await create({}, other.key)).body.data.id;
    for (const subject of ['agt_none', foreign, (await keyOf(id)).id])
      expect((await connect(subject)).put.status).toBe(400);
  });

  test('are deleted with it, and so are its keys', async () => {
    const { id } = await created();
    const key = await keyOf(id);
    const { instance, place } = await connect(id);
    commands.length = 0;
    expect((await remove(id)).status).toBe(204);
    const ref = { instanceId: instance, scope: 'agent', subject: id };
    expect(commands).toEqual([
      expect.objectContaining({ command: 'delete_credential', ref: expect.objectContaining(ref) }),
    ]);
    expect((await plane.send('GET', place)).body.total).toBe(0);
    expect([await statusOf(key.key), (await published(key.id))?.state]).toEqual([401, 'revoked']);
    expect([(await get(id)).status, (await remove(id)).status]).toEqual([404, 404]);
    const record = (await plane.send('GET', `/api/v1/api-keys/${key.id}`)).body.data;
    expect(record).toMatchObject({ agentId: null, revokedAt: expect.any(String) });
  });

  test('that cannot be deleted now keep the agent, whose keys are already refused; a retry finishes the deletion', async () => {
    const { id } = await created();
    const key = await keyOf(id);
    await connect(id);
    await dataPlane.close();
    expect((await remove(id)).status).toBeGreaterThanOrEqual(500);
    expect(await statusOf(key.key)).toBe(401);
    expect((await get(id)).body.data.isActive).toBe(false);
    dataPlane = await plane.serveCommands(fakeDataPlane(plane.sealingKey).handle);
    expect((await remove(id)).status).toBe(204);
    expect((await get(id)).status).toBe(404);
  });
});
