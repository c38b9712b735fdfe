import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Outcome } from '@toolplane/contracts';
import { chainStep, connectedPlan, field, refOf } from '../../../test/connected-plan.ts';
import { type ConnectionServices, createConnectionServices } from '../../../test/connection-services.ts';
import { client, internalErrors, runTool } from '../../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';

/** A user's own credentials that are sent with a call are used for this call and for nothing else. */

let api: Upstream;
let status = 200;
let services: ConnectionServices;

beforeAll(async () => {
  api = await startUpstream((request, response) => {
    const { authorization = '' } = request.headers;
    const [, text = ''] = authorization.split(' ');
    json({ authorization, text, decoded: Buffer.from(text, 'base64').toString() }, status)(request, response);
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  services = createConnectionServices(client);
  await services.put(refOf('user', 'ann'), { fields: { api_key: 'stored-canary' } });
  status = 200;
  api.seen.length = 0;
});
afterEach(() => expect(internalErrors).toEqual([]));

const bearer = { authorization: 'Bearer {api_key}' };
const basic = { authorization: 'Basic {basic}' };
const keyOnly = { fields: [field('api_key')], ownToken: 'api_key' };
const asBasic = {
  fields: [field('username', { isSecret: false }), field('password')],
  basic: { username: 'username', password: 'password' },
  ownToken: 'basic',
};

function call(upstreamAuthorization: string | undefined, rest: object = {}): Promise<Outcome> {
  const plan = connectedPlan({ url: `${api.url}/x`, headers: bearer, authentication: keyOnly, ...rest });
  const own = upstreamAuthorization === undefined ? {} : { upstreamAuthorization };
  return runTool(plan, { services, caller: { config: {}, username: 'ann', ...own } });
}

const sent = () => api.seen.map(({ headers }) => headers.authorization);
const pair = (text: string) => Buffer.from(text).toString('base64');

describe('the caller’s own token takes precedence over everything stored', () => {
  test.each([
    ['Bearer canary-token', 'Bearer canary-token'],
    ['bearer canary-token ', 'Bearer canary-token'],
    ['canary-token', 'Bearer canary-token'],
    ['Basic canary-token', 'Bearer canary-token'],
  ])('%j', async (given, expected) => {
    expect(await call(given)).toMatchObject({ ok: true });
    expect(sent()).toEqual([expected]);
  });

  test('as user name and password', async () => {
    const given = `Basic ${pair('ann:canary-password')}`;
    expect(await call(given, { headers: basic, authentication: asBasic })).toMatchObject({ ok: true });
    expect(sent()).toEqual([given]);
  });

  test('with the defaults of fields that are not secrets, and nothing stored', async () => {
    await services.put(refOf('user', 'ann'), { fields: { api_key: 'stored-canary', region: 'us', note: 'stored' } });
    const optional = { isSecret: false, isRequired: false };
    const fields = [field('api_key'), field('region', { ...optional, default: 'eu' }), field('note', optional)];
    const headers = { ...bearer, 'x-region': '{region}', 'x-note': 'a{note}' };
    await call('Bearer canary-token', { headers, authentication: { ...keyOnly, fields } });
    expect(api.seen[0]?.headers).toMatchObject({ 'x-region': 'eu', 'x-note': 'a' });
  });

  test('without reading the store', async () => {
    const secrets = { ...services.secrets, get: () => Promise.reject(new Error('asked')) };
    const plan = connectedPlan({ url: `${api.url}/x`, headers: bearer, authentication: keyOnly });
    const caller = { config: {}, upstreamAuthorization: 'Bearer canary-token' };
    expect(await runTool(plan, { services: { ...services, secrets }, caller })).toMatchObject({ ok: true });
  });
});

describe('the caller’s own token does not come back', () => {
  test.each([
    ['a token', 'Bearer canary-token', bearer, keyOnly],
    ['a password', `Basic ${pair('ann:canary-password')}`, basic, asBasic],
  ])('%s', async (_name, given, headers, authentication) => {
    const outcome = await call(given, { headers, authentication });
    expect(outcome).toMatchObject({ ok: true });
    expect(inspect(outcome, { depth: 9 })).not.toMatch(/canary/);
    expect(JSON.stringify(outcome)).not.toContain(given.split(' ')[1] ?? '');
    status = 500;
    expect(inspect(await call(given, { headers, authentication }), { depth: 9 })).not.toMatch(/canary/);
  });
});

describe('an unusable token of the caller is refused without being quoted, and nothing is sent', () => {
  test.each([
    ['a token where user name and password are expected', 'Bearer canary-token', basic, asBasic],
    ['no scheme where user name and password are expected', 'canary-token', basic, asBasic],
    ['a scheme without a token', 'Bearer  ', bearer, keyOnly],
    ['nothing', '', bearer, keyOnly],
    ['a tool that has no place for it', 'Bearer canary-token', bearer, { fields: [field('api_key')] }],
  ])('%s', async (_name, given, headers, authentication) => {
    const outcome = await call(given, { headers, authentication });
    expect(outcome).toMatchObject({
      outcome: 'not_started',
      error: { code: 'invalid_request', message: expect.stringContaining('X-Upstream-Authorization') },
    });
    expect(inspect(outcome)).not.toContain('canary');
    expect(api.seen).toEqual([]);
  });
});

describe('the caller’s own token ends with its call', () => {
  test('the next call uses what is stored', async () => {
    await call('Bearer canary-token');
    await call(undefined);
    expect(sent()).toEqual(['Bearer canary-token', 'Bearer stored-canary']);
  });

  test('no token or sign-in is obtained with it, and none of others is used or discarded', async () => {
    const secretKey = { grant: 'client_credentials' as const, tokenUrl: `${api.url}/token`, scopes: [] };
    const authentication = {
      token: { ...secretKey, clientAuth: 'basic' as const },
      chains: [{ id: 'c', ttlMs: 60_000, steps: [chainStep({ url: `${api.url}/sign-in` }, { session: 'text' })] }],
      ownToken: 'access_token',
    };
    status = 401;
    const headers = { authorization: 'Bearer {access_token}' };
    expect(await call('Bearer canary-token', { headers, authentication })).toMatchObject({ error: { status: 401 } });
    expect(api.seen.map(({ url }) => url)).toEqual(['/x']);
  });

  test('its refusal changes nothing that is stored', async () => {
    const expired: string[] = [];
    const secrets = { ...services.secrets, expire: ({ name }: { name: string }) => void expired.push(name) };
    status = 401;
    const plan = connectedPlan({ url: `${api.url}/x`, headers: bearer, authentication: keyOnly });
    const caller = { config: {}, username: 'ann', upstreamAuthorization: 'Bearer canary-token' };
    await runTool(plan, { services: { ...services, secrets }, caller });
    expect(expired).toEqual([]);
    expect(api.seen).toHaveLength(1);
  });

  test('each of many concurrent calls uses its own', async () => {
    const users = Array.from({ length: 50 }, (_, index) => `user-${index}-canary`);
    await Promise.all(users.map((user) => call(`Bearer ${user}`)));
    expect(new Set(sent())).toEqual(new Set(users.map((user) => `Bearer ${user}`)));
  });
});

test('a later step to another host does not get it', async () => {
  const plan = connectedPlan({ url: `${api.url}/x`, headers: bearer, authentication: keyOnly });
  const [step] = plan.steps;
  const elsewhere = connectedPlan({ url: `http://localhost:${api.port}/x`, headers: bearer, authentication: keyOnly });
  const [other] = elsewhere.steps;
  if (step === undefined || other === undefined) throw new Error('No step');
  const both = { ...plan, steps: [step, { ...other, id: 'other' }] };
  const caller = { config: {}, upstreamAuthorization: 'Bearer canary-token' };
  expect(await runTool(both, { services, caller })).toMatchObject({
    outcome: 'done',
    error: { code: 'secret_host_denied', stepId: 'other' },
  });
  expect(api.seen).toHaveLength(1);
});
