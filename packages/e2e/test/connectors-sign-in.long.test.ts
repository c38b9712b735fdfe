import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type ConnectorInstance,
  createInstance,
  putCredential,
  registerConnector,
  requestRest,
  signIn,
} from '../src/connectors.ts';
import { dumpPlaces, findLeaks, formsOf } from '../src/leaks.ts';
import { callPlainly } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { smallConnector } from '../src/small-connector.ts';
import { startTicketApi, type TicketApi } from '../src/ticket-api.ts';

/* OAuth 2.0 from the descriptor to the upstream: only the data plane obtains, stores, renews and uses tokens. */

let platform: TestPlatform;
let api: TicketApi;

beforeAll(async () => {
  platform = await startPlatform();
  api = await startTicketApi();
}, 60_000);
beforeEach(() => {
  api.signIn.grants.length = 0;
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

async function connect(type: string, client_auth: 'basic' | 'body', extra: object = {}): Promise<ConnectorInstance> {
  const slug = `${type.replaceAll('_', '-')}-${client_auth}`;
  const authentication = [{ type, token_url: `${api.url}/token`, scopes: ['tickets:read'], client_auth, ...extra }];
  const operations = { whoami: { endpoint: `${api.url}/whoami`, auth_type_ref: type } };
  await registerConnector(platform, smallConnector({ slug, authentication, operations }));
  const instance = await createInstance(platform, { connector: slug, instance_name: slug, auth_type: type });
  const { id: client_id, secret: client_secret } = api.signIn.client;
  await putCredential(platform, instance, {
    scope: 'workspace',
    auth_type: type,
    fields: { client_id, client_secret },
    hosts: [api.host],
  });
  return instance;
}

const whoami = async ({ server }: ConnectorInstance, headers: Record<string, string> = {}) =>
  (await callPlainly(platform, server.id, 'whoami', {}, { headers })).result?.structuredContent;
const ada = { result: { name: 'Ada' } };
const grantTypes = () => api.signIn.grants.map((grant) => grant['grant_type']);

describe.each(['basic', 'body'] as const)('client credentials, sent as %s', (clientAuth) => {
  test('give one token for many calls, and another when the API no longer accepts it', async () => {
    const instance = await connect('oauth2_client_credentials', clientAuth);
    api.signIn.grants.length = 0;
    expect(await Promise.all(Array.from({ length: 8 }, () => whoami(instance)))).toEqual(Array(8).fill(ada));
    expect(api.signIn.grants).toEqual([expect.objectContaining({ scope: 'tickets:read' })]);
    expect(api.signIn.grants[0]).toEqual(
      clientAuth === 'basic'
        ? expect.not.objectContaining({ client_secret: expect.anything() })
        : expect.objectContaining({ client_secret: api.signIn.client.secret }),
    );
    api.signIn.revokeAccessTokens();
    expect(await whoami(instance)).toEqual(ada);
    expect(grantTypes()).toEqual(['client_credentials', 'client_credentials']);
  });
});

describe('a token exchange', () => {
  const subject = 'subject-token-0123456789';
  let instance: ConnectorInstance;
  beforeAll(async () => {
    instance = await connect('oauth2_token_exchange', 'basic');
    api.signIn.subjects.add(subject);
  });

  test('gives the API a token of its own, and never the token or the API key of the caller (T26, B035)', async () => {
    api.requests.length = 0;
    const own = { 'x-upstream-authorization': `Bearer ${subject}`, 'x-username': 'ada' };
    expect(await Promise.all([whoami(instance, own), whoami(instance, own)])).toEqual([ada, ada]);
    const answer = await fetch(`${platform.mcp}/mcp/${instance.server.id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${platform.apiKey}`, ...own },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami', arguments: {} } }),
    });
    expect(await answer.json()).toMatchObject({ result: { structuredContent: ada } });
    expect(api.signIn.grants).toEqual([
      expect.objectContaining({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: subject,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        scope: 'tickets:read',
      }),
    ]);
    const atApi = { api: JSON.stringify(api.requestsOf('/whoami')) };
    expect(api.requestsOf('/whoami')).toHaveLength(3);
    expect(findLeaks(atApi, formsOf(subject))).toEqual([]);
    expect(findLeaks({ all: JSON.stringify(api.requests) }, formsOf(platform.apiKey))).toEqual([]);
  });

  test('that is refused, or has nothing to exchange, calls no API and says what to send', async () => {
    api.requests.length = 0;
    const other = { 'x-upstream-authorization': 'Bearer another-token-0123456789' };
    expect(await whoami(instance, other)).toMatchObject({ code: 'credentials_refused' });
    expect(await whoami(instance)).toMatchObject({
      code: 'credentials_missing',
      message: expect.stringContaining('X-Upstream-Authorization: Bearer'),
    });
    expect(api.requestsOf('/whoami')).toEqual([]);
  });

  test('leaves nothing in any log, in Redis or in the database', async () => {
    const places = await dumpPlaces(platform);
    expect(findLeaks(places, formsOf(subject))).toEqual([]);
  });
});

describe('an authorization code', () => {
  let instance: ConnectorInstance;
  beforeAll(async () => {
    instance = await connect('oauth2_authorization_code', 'basic', { authorization_url: `${api.url}/authorize` });
  });

  test('connects the user who signed in and nobody else', async () => {
    expect(await whoami(instance, { 'x-username': 'ada' })).toMatchObject({ code: 'credentials_missing' });
    expect((await signIn(platform, instance, { scope: 'user', subject: 'ada' })).status).toBeLessThan(400);
    expect(await whoami(instance, { 'x-username': 'ada' })).toEqual(ada);
    expect(await whoami(instance, { 'x-username': 'bob' })).toMatchObject({ code: 'credentials_missing' });
    expect(grantTypes()).toEqual(['authorization_code']);
  });

  test('gives a token that is renewed once, however many calls find it no longer valid', async () => {
    await signIn(platform, instance, { scope: 'user', subject: 'cleo' });
    api.signIn.grants.length = 0;
    api.signIn.revokeAccessTokens();
    const calls = Array.from({ length: 8 }, () => whoami(instance, { 'x-username': 'cleo' }));
    expect(await Promise.all(calls)).toEqual(Array(8).fill(ada));
    expect(grantTypes()).toEqual(['refresh_token']);
  });

  test('is accepted once, and only for a sign-in that was begun here', async () => {
    const { callbackUrl } = await signIn(platform, instance, { scope: 'user', subject: 'dan' });
    expect((await fetch(callbackUrl, { redirect: 'manual' })).status).toBeGreaterThanOrEqual(400);
    const forged = new URL(callbackUrl);
    forged.searchParams.set('state', 'x'.repeat(43));
    expect((await fetch(forged, { redirect: 'manual' })).status).toBeGreaterThanOrEqual(400);
    expect(grantTypes()).toEqual(['authorization_code']);
    const { body } = await requestRest(platform, 'GET', `/connector-instances/${instance.id}/credentials`);
    expect(JSON.stringify(body)).not.toContain(api.signIn.client.secret);
  });
});
