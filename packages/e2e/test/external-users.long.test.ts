import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  createInstance,
  putCredential,
  registerConnector,
  requestRest,
  signIn,
  type TestInstance,
} from '../src/connectors.ts';
import { dumpPlaces, findLeaks, formsOf } from '../src/leaks.ts';
import { callPlainly } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { smallConnector } from '../src/small-connector.ts';
import { markerOf, startTicketApi, type TicketApi } from '../src/ticket-api.ts';
import { until } from '../src/until.ts';

/* External users, in whose name a key calls: each has their own connections, on a server that all of them share. */

let platform: TestPlatform;
let api: TicketApi;
/** The instance whose users sign in. */
let signedIn: TestInstance;
/** The instance whose users have keys. */
let keyed: TestInstance;
let serverId: string;

const CALLS = 500;
const AT_ONCE = 20;
const keyOf = (user: string) => `key-of-${user}-0123456789`;

beforeAll(async () => {
  platform = await startPlatform();
  api = await startTicketApi();
  const [type, key_type] = ['oauth2_authorization_code', 'api_key'];
  const urls = { token_url: `${api.url}/token`, authorization_url: `${api.url}/authorize` };
  const oauth = { type, ...urls, scopes: ['tickets:read'], client_auth: 'basic' };
  const fields = [{ key: 'api_key', label: 'API key', field_type: 'secret', required: true }];
  const whoami = { endpoint: `${api.url}/whoami`, auth_type_ref: type };
  const echo = { endpoint: `${api.url}/echo`, auth_type_ref: key_type, auth_headers: { 'X-API-Key': '{api_key}' } };
  const register = (slug: string, authentication: object, operations: Record<string, Record<string, unknown>>) =>
    registerConnector(platform, smallConnector({ slug, authentication: [authentication], operations }));
  await register('people', oauth, { whoami });
  await register('things', { type: key_type, fields }, { echo });
  signedIn = await createInstance(platform, { connector: 'people', instance_name: 'people', auth_type: type });
  keyed = await createInstance(platform, { connector: 'things', instance_name: 'things', auth_type: key_type });
  const { id: client_id, secret: client_secret } = api.signIn.client;
  const hosts = [api.host];
  const client = { fields: { client_id, client_secret }, hosts, auth_type: type };
  await putCredential(platform, signedIn, { scope: 'workspace', ...client });
  await putCredential(platform, keyed, {
    scope: 'workspace',
    auth_type: key_type,
    fields: { api_key: keyOf('workspace') },
    hosts,
  });
  for (const subject of ['ada', 'bob']) {
    await signIn(platform, signedIn, { scope: 'user', subject }, subject);
    const credential = { auth_type: key_type, fields: { api_key: keyOf(subject) }, hosts };
    await putCredential(platform, keyed, { scope: 'user', subject, ...credential });
  }
  const request = { name: 'shared', mode: 'NORMAL', selectedTools: ['people.whoami', 'things.echo'] };
  serverId = (await requestRest(platform, 'POST', '/mcp-servers', request)).body.data.id;
  await until(async () => (await callAs('ada', 'whoami'))['code'] === undefined);
}, 120_000);

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

const headersOf = (user: string | undefined): Record<string, string> =>
  user === undefined ? {} : { 'x-username': user };

async function callAs(user: string | undefined, tool: string): Promise<Record<string, unknown>> {
  const { result, error } = await callPlainly(platform, serverId, tool, {}, { headers: headersOf(user) });
  return result?.structuredContent ?? { error };
}
const findUser = async (user: string) =>
  (await requestRest(platform, 'GET', `/external-users/username/${user}`)).body.data;

/** The output that each caller gets, whoever else calls. */
const callers = [
  ...['ada', 'bob'].flatMap((user) => [
    { user, tool: 'whoami', answer: { result: { name: user } } },
    { user, tool: 'echo', answer: { result: { marker: markerOf(keyOf(user)) } } },
  ]),
  { user: 'cleo', tool: 'whoami', answer: expect.objectContaining({ code: 'credentials_missing' }) },
  { user: 'cleo', tool: 'echo', answer: expect.objectContaining({ code: 'credentials_missing' }) },
  { user: undefined, tool: 'echo', answer: { result: { marker: markerOf(keyOf('workspace')) } } },
];

test('of 500 interleaved calls of two connected users, an unconnected and an unnamed one, each runs with its own credentials, even while tokens are renewed (T2, T31, B036)', async () => {
  const answered: { expected: unknown; got: unknown }[] = [];
  let next = 0;
  const lane = async () => {
    while (next < CALLS) {
      const turn = next++;
      // In the middle of the calls, the API requires new tokens from everybody.
      if (turn === CALLS / 2) api.signIn.revokeAccessTokens();
      const caller = callers[turn % callers.length];
      if (caller === undefined) throw new Error('there is nobody to call');
      answered.push({ expected: caller.answer, got: await callAs(caller.user, caller.tool) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  expect(answered).toHaveLength(CALLS);
  expect(answered.map(({ got }) => got)).toEqual(answered.map(({ expected }) => expected));
  const renewals = api.signIn.grants.filter((grant) => grant['grant_type'] === 'refresh_token');
  expect(renewals).toHaveLength(2);
}, 120_000);

test('a name that a call uses without credentials is not kept, and is readable neither in Redis nor in a log (T51)', async () => {
  await callAs('canary.user@example.test', 'echo');
  await callAs('ada', 'echo');
  await until(async () => (await findUser('ada')).lastSeenAt !== null);
  expect(await findUser('ada')).toMatchObject({ source: 'mcp', isActive: true });
  expect(await findUser('canary.user@example.test')).toBeUndefined();
  const { 'Redis content': redis = '', logs = '' } = (await dumpPlaces(platform)) as Record<string, string>;
  expect([redis.includes('tp:users:'), logs.includes('"service":"edge"')]).toEqual([true, true]);
  expect(findLeaks({ redis, logs }, formsOf('canary.user@example.test'))).toEqual([]);
});
