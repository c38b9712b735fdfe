import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError, type Outcome, type ToolCall } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { type ConnectedPlan, connectedPlan, field, refOf } from '../../../test/connected-plan.ts';
import { type ConnectionServices, createConnectionServices } from '../../../test/connection-services.ts';
import { client, internalErrors, runTool } from '../../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';

let api: Upstream;
let services: ConnectionServices;
let nowMs: number;

beforeAll(async () => {
  api = await startUpstream((request, response) => json({ said: request.headers['x-api-key'] })(request, response));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(() => {
  nowMs = 1_000_000;
  services = createConnectionServices(client, { now: () => nowMs });
  api.seen.length = 0;
});
afterEach(() => expect(internalErrors).toEqual([]));

type Caller = Partial<ToolCall['caller']>;

function call(caller: Caller = {}, rest: Partial<ConnectedPlan> = {}, run: object = {}): Promise<Outcome> {
  const plan = connectedPlan({
    url: `${api.url}/x`,
    headers: { 'x-api-key': '{api_key}' },
    ...rest,
    authentication: { fields: [field('api_key')], ...(rest.authentication as object) },
  });
  return runTool(plan, { services, caller: { config: {}, ...caller }, ...run });
}

const sent = () => api.seen.map(({ headers }) => headers['x-api-key']);
const everybody: Caller = { agentId: 'key_1', username: 'ann' };

const scopes = [
  ['agent', refOf('agent', 'key_1')],
  ['user', refOf('user', 'ann')],
  ['workspace', refOf('workspace', 'ws')],
  ['organization', refOf('organization')],
] as const;

describe('the credentials closest to the caller are used', () => {
  test.each(scopes)('%s', async (scope, ref) => {
    const from = scopes.findIndex(([name]) => name === scope);
    for (const [name, other] of scopes.slice(from))
      await services.put(other, { fields: { api_key: `key-of-${name}` } });
    expect(await call(everybody)).toMatchObject({ ok: true });
    expect(sent()).toEqual([`key-of-${ref.scope}`]);
  });

  test('a caller without a name has only those of the workspace and of the organization', async () => {
    for (const [name, ref] of scopes) await services.put(ref, { fields: { api_key: `key-of-${name}` } });
    await call();
    expect(sent()).toEqual(['key-of-workspace']);
  });

  test('a caller with a key who names nobody is the default user (B036)', async () => {
    for (const [name, ref] of scopes.slice(2)) await services.put(ref, { fields: { api_key: `key-of-${name}` } });
    await services.put(refOf('user', 'project_default_user'), { fields: { api_key: 'key-of-default-user' } });
    await call({ agentId: 'key_1' });
    await call({ agentId: 'key_1', username: 'ann' });
    await call();
    expect(sent()).toEqual(['key-of-default-user', 'key-of-workspace', 'key-of-workspace']);
  });

  test('a user restricted to his own credentials gets no others, even shared ones (T31, B036)', async () => {
    const onlyOwn: Caller = { ...everybody, onlyOwn: true };
    for (const [name, ref] of scopes) {
      if (name !== 'user') await services.put(ref, { fields: { api_key: `key-of-${name}` } });
    }
    await services.put(refOf('user', 'project_default_user'), { fields: { api_key: 'key-of-default-user' } });
    expect(await call(onlyOwn)).toMatchObject({ outcome: 'not_started', error: { code: 'credentials_missing' } });
    expect(sent()).toEqual([]);
    await services.put(refOf('user', 'ann'), { fields: { api_key: 'key-of-ann' } });
    expect(await call(onlyOwn)).toMatchObject({ ok: true });
    expect(await call({ ...onlyOwn, username: 'Ann' })).toMatchObject({ error: { code: 'credentials_missing' } });
    expect(sent()).toEqual(['key-of-ann']);
  });

  test('those of another user, agent or workspace are never read (T31, B036)', async () => {
    await services.put(refOf('user', 'bob'), { fields: { api_key: 'key-of-bob' } });
    await services.put(refOf('agent', 'ann'), { fields: { api_key: 'key-of-agent' } });
    await services.put(refOf('workspace', 'other'), { fields: { api_key: 'key-of-other' } });
    expect(await call(everybody)).toMatchObject({ error: { code: 'credentials_missing' } });
    expect(sent()).toEqual([]);
  });

  test('for a tool that is lent to a workspace, users are those of that workspace (T31)', async () => {
    await services.put(refOf('user', 'ann'), { fields: { api_key: 'key-of-ann-at-home' } });
    await services.put(refOf('user', 'other/ann'), { fields: { api_key: 'key-of-another-ann' } });
    const lent = { usersOf: 'team' };
    expect(await call(everybody, lent)).toMatchObject({ error: { code: 'credentials_missing' } });
    await services.put(refOf('user', 'team/ann'), { fields: { api_key: 'key-of-ann' } });
    await services.put(refOf('user', 'team/project_default_user'), { fields: { api_key: 'key-of-default-user' } });
    await call(everybody, lent);
    await call({ agentId: 'key_1' }, lent);
    expect(sent()).toEqual(['key-of-ann', 'key-of-default-user']);
  });

  test('a scope is used as a whole: what it lacks is not taken from another', async () => {
    await services.put(refOf('user', 'ann'), { fields: { api_key: 'key-of-ann' } });
    await services.put(refOf('organization'), { fields: { api_key: 'key-of-all', region: 'eu' } });
    const authentication = { fields: [field('api_key'), field('region')] };
    expect(await call(everybody, { authentication })).toMatchObject({
      outcome: 'not_started',
      error: {
        code: 'credentials_missing',
        message:
          'The credentials for tickets (scope user) lack region: store them again, with all of their fields, with PUT /api/v1/connector-instances/coi_1/credentials',
        details: { connector: 'tickets', instance: 'coi_1', scopes: ['user'], fields: ['region'] },
      },
    });
    expect(sent()).toEqual([]);
  });

  test('fields that are not required may be missing, and defaults stand in for them', async () => {
    await services.put(refOf('organization'), { fields: { api_key: 'key-of-all' } });
    const fields = [
      field('api_key'),
      field('note', { isRequired: false }),
      field('region', { isSecret: false, default: 'eu-central' }),
    ];
    const headers = { 'x-api-key': '{api_key}', 'x-region': '{region}', 'x-note': 'a{note}' };
    expect(await call({}, { headers, authentication: { fields } })).toMatchObject({ ok: true });
    expect(api.seen[0]?.headers).toMatchObject({ 'x-region': 'eu-central', 'x-note': 'a' });
  });

  test('those for another authentication of the connector are skipped', async () => {
    await services.put(refOf('user', 'ann'), { authentication: 'other', fields: { api_key: 'key-of-ann' } });
    await services.put(refOf('organization'), { fields: { api_key: 'key-of-all' } });
    await call(everybody);
    expect(sent()).toEqual(['key-of-all']);
  });

  test('a field may be named like a built-in property of objects', async () => {
    await services.put(refOf('organization'), { fields: { constructor: 'key-of-all' } });
    const authentication = { fields: [field('constructor'), field('valueof', { isRequired: false })] };
    await call({}, { headers: { 'x-api-key': '{constructor}', 'x-note': 'a{valueof}' }, authentication });
    expect(api.seen[0]?.headers).toMatchObject({ 'x-api-key': 'key-of-all', 'x-note': 'a' });
  });

  test('a test of a connection looks only at what is being tested', async () => {
    await services.put(refOf('user', 'ann'), { fields: { api_key: 'key-of-ann' } });
    await services.put(refOf('organization'), { fields: { api_key: 'key-of-all' } });
    await call({}, {}, { test: { credential: refOf('user', 'ann') } });
    expect(sent()).toEqual(['key-of-ann']);
    expect(await call(everybody, {}, { test: { credential: refOf('workspace', 'ws') } })).toMatchObject({
      error: { code: 'credentials_missing', details: { scopes: ['workspace'] } },
    });
  });
});

describe('without credentials nothing is sent', () => {
  test('the error says how to connect', async () => {
    expect(await call(everybody)).toEqual({
      ok: false,
      outcome: 'not_started',
      error: {
        code: 'credentials_missing',
        message:
          'There are no credentials for tickets: store some with PUT /api/v1/connector-instances/coi_1/credentials (scope agent, user, workspace or organization)',
        details: { connector: 'tickets', instance: 'coi_1', scopes: ['agent', 'user', 'workspace', 'organization'] },
      },
    });
    expect(api.seen).toEqual([]);
  });

  test('the error names the instance as people know it', async () => {
    expect(await call(everybody, { instanceName: 'Support desk' })).toMatchObject({
      error: {
        message: expect.stringMatching(
          /^There are no credentials for "Support desk" \(tickets\): store some with PUT /,
        ),
        details: { connector: 'tickets', instance: 'coi_1', instance_name: 'Support desk' },
      },
    });
  });

  test('the error for a named user says that he has none, and that no others are used for him', async () => {
    expect(await call({ ...everybody, onlyOwn: true })).toMatchObject({
      error: {
        message:
          'The user in x-username has no credentials for tickets: store some with PUT /api/v1/connector-instances/coi_1/credentials (scope user). Shared credentials are not used on behalf of a user unless the server allows it',
        details: { connector: 'tickets', instance: 'coi_1', scopes: ['user'] },
      },
    });
  });

  test('the error mentions the header that a tool accepts, and that nobody was named', async () => {
    expect(await call({}, { authentication: { ownToken: 'api_key' } })).toMatchObject({
      error: {
        message:
          "There are no credentials for tickets: store some with PUT /api/v1/connector-instances/coi_1/credentials (scope agent, user, workspace or organization), or send your own in the header X-Upstream-Authorization. No user was named: the header x-username selects a person's own credentials",
      },
    });
  });

  test('the error in a test of a connection gives no advice about headers', async () => {
    const authentication = { ownToken: 'api_key' };
    const put =
      'There are no credentials for tickets: store some with PUT /api/v1/connector-instances/coi_1/credentials';
    const ofUser = await call({}, { authentication }, { test: { credential: refOf('user', 'ann') } });
    expect(ofUser).toMatchObject({ error: { message: `${put} (scope user)`, details: { scopes: ['user'] } } });
    expect(await call({}, { authentication }, { test: {} })).toMatchObject({
      error: { message: `${put} (scope agent, user, workspace or organization)` },
    });
  });

  test('the error says where a person has to sign in', async () => {
    const token = { grant: 'authorization_code' as const, tokenUrl: `${api.url}/token`, scopes: [] };
    const authentication = { ownToken: 'access_token', token: { ...token, clientAuth: 'basic' as const } };
    expect(await call(everybody, { authentication })).toMatchObject({
      error: {
        message:
          'There are no credentials for tickets, and a person has to sign in: POST /api/v1/connector-instances/coi_1/authorizations (scope agent, user, workspace or organization), or send your own in the header X-Upstream-Authorization',
      },
    });
  });

  test('an unreadable scope does not count as empty: no wider one is used instead', async () => {
    await services.put(refOf('organization'), { fields: { api_key: 'key-of-all' } });
    const { name } = toSecretRef(refOf('user', 'ann'));
    const secrets = {
      ...services.secrets,
      async get(ref: Parameters<typeof services.secrets.get>[0]) {
        if (ref.name === name) throw new AppError('secret_unavailable', 'away');
        return services.secrets.get(ref);
      },
    };
    const run = { services: { ...services, secrets } };
    expect(await call({ username: 'ann' }, {}, run)).toMatchObject({
      outcome: 'not_started',
      error: { code: 'secret_unavailable' },
    });
    await services.put(refOf('agent', 'key_1'), { fields: { api_key: 'key-of-agent' } });
    expect(await call(everybody, {}, run)).toMatchObject({ ok: true });
    expect(sent()).toEqual(['key-of-agent']);
  });

  test.each(['{"authentication":1,"canary":"x"}', 'canary', ''])(
    'an invalid record reveals nothing: %j',
    async (text) => {
      await services.put(refOf('organization'), {});
      const ref = toSecretRef(refOf('organization'));
      await services.store.put(ref, { value: new SecretValue(text), hosts: [], version: 1 });
      services.secrets.invalidate(ref);
      const outcome = await call();
      expect(outcome).toMatchObject({ error: { code: 'secret_unavailable' } });
      expect(inspect(outcome, { depth: 9 })).not.toContain('canary');
    },
  );

  test('their absence is remembered for ten seconds, or until some are stored', async () => {
    await call();
    const ref = refOf('organization');
    const text = JSON.stringify({ authentication: 'main', fields: { api_key: 'key-of-all' } });
    await services.store.put(toSecretRef(ref), { value: new SecretValue(text), hosts: ['127.0.0.1'], version: 1 });
    expect(await call()).toMatchObject({ ok: false });
    nowMs += 10_000;
    expect(await call()).toMatchObject({ ok: true });
    await services.put(refOf('workspace', 'ws'), { fields: { api_key: 'key-of-workspace' } });
    await call();
    expect(sent()).toEqual(['key-of-all', 'key-of-workspace']);
  });
});

describe('credentials go only to the hosts that were sealed with them', () => {
  test.each([[['api.example.com']], [['127.0.0.1:1']], [[]]])('%j', async (hosts) => {
    await services.put(refOf('organization'), { fields: { api_key: 'key-of-all' }, hosts });
    expect(await call()).toMatchObject({
      outcome: 'not_started',
      error: {
        code: 'secret_host_denied',
        message: 'The secret api_key may not be sent to the host of this request',
      },
    });
    expect(api.seen).toEqual([]);
  });
});

test('a plan of a connector without authentication sends no credentials and looks for none', async () => {
  const secrets = { ...services.secrets, get: () => Promise.reject(new Error('asked')) };
  const plan = connectedPlan({ url: `${api.url}/x`, authentication: 'none' });
  const caller = { config: {}, ...everybody, upstreamAuthorization: 'Bearer canary-token' };
  expect(await runTool(plan, { services: { ...services, secrets }, caller })).toMatchObject({ ok: true });
  expect(JSON.stringify(api.seen)).not.toContain('canary');
});
