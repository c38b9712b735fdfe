import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type ConnectionAuthentication,
  type ConnectionReport,
  type JsonObject,
  type Outcome,
  planSchema,
  type ToolCall,
} from '@toolplane/contracts';
import { connectedPlan, field, refOf } from '../../../test/connected-plan.ts';
import { type ConnectionServices, createConnectionServices } from '../../../test/connection-services.ts';
import { client, internalErrors, runTool } from '../../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';

let api: Upstream;
let services: ConnectionServices;
const nowMs = 1_000_000;

beforeAll(async () => {
  api = await startUpstream(json({}));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(() => {
  services = createConnectionServices(client, { now: () => nowMs });
});
afterEach(() => {
  expect(internalErrors).toEqual([]);
  // Whatever the arguments are, the report sends no request.
  expect(api.seen).toEqual([]);
});

type Caller = Partial<ToolCall['caller']>;
type Authentication = Partial<ConnectionAuthentication> | 'none';

const ann: Caller = { agentId: 'key_1', username: 'ann' };
const keyed: Authentication = { fields: [field('api_key'), field('email', { isSecret: false, isRequired: false })] };
const signedIn: Authentication = {
  token: { grant: 'authorization_code', tokenUrl: 'http://127.0.0.1/token', scopes: [], clientAuth: 'basic' },
};

function run(authentication: Authentication, caller: Caller = ann, inputs: JsonObject = {}): Promise<Outcome> {
  const { steps: _steps, ...plan } = connectedPlan({ url: `${api.url}/x`, authentication });
  const report = planSchema.parse({ ...plan, steps: [], outputs: [], reports: 'connection' });
  return runTool(report, { services, inputs, caller: { config: {}, ...caller } });
}

async function reportOf(...given: Parameters<typeof run>): Promise<ConnectionReport> {
  const outcome = await run(...given);
  if (!outcome.ok || outcome.outcome !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value as ConnectionReport;
}

describe('a report of a connection says', () => {
  test('that none is required', async () => {
    expect(await reportOf('none')).toEqual({ status: 'no_auth_required' });
  });

  test('that there is none, even when others have one (T31)', async () => {
    await services.put(refOf('user', 'bob'), { fields: { api_key: 'key-of-bob' } });
    expect(await reportOf(keyed)).toEqual({ status: 'not_connected' });
  });

  test('whose connection is used, with its public details', async () => {
    await services.put(refOf('workspace', 'ws'), { fields: { api_key: 'key-of-ws' } });
    expect(await reportOf(keyed)).toEqual({ status: 'active', scope: 'workspace' });
    await services.put(refOf('user', 'ann'), { fields: { api_key: 'canary-key', email: 'ann@example.test' } });
    expect(await reportOf(keyed)).toEqual({ status: 'active', scope: 'user', label: 'ann@example.test' });
  });

  test('the default user’s for a caller with a key who names no user, and none without a key', async () => {
    await services.put(refOf('user', 'project_default_user'), { fields: { api_key: 'key-of-default' } });
    expect(await reportOf(keyed, { agentId: 'key_1' })).toEqual({ status: 'active', scope: 'user' });
    expect(await reportOf(keyed, {})).toEqual({ status: 'not_connected' });
  });

  test('which fields are missing', async () => {
    await services.put(refOf('user', 'ann'), { fields: { email: 'ann@example.test' } });
    expect(await reportOf(keyed)).toEqual({ status: 'requires_parameters', missingFields: ['api_key'] });
  });

  test.each<[string, ConnectionReport['status'], object | undefined]>([
    ['only the client is there', 'not_connected', undefined],
    ['the sign-in is valid', 'active', { accessToken: 'a', expiresAt: nowMs + 60_000 }],
    ['it can be renewed', 'active', { accessToken: 'a', refreshToken: 'r', expiresAt: nowMs - 1 }],
    ['it has expired and cannot be renewed', 'expired', { accessToken: 'a', expiresAt: nowMs }],
  ])('the state of a sign-in, when %s: %s', async (_name, status, grant) => {
    const stored = { fields: { client_id: 'app' }, ...(grant && { grant: grant as { accessToken: string } }) };
    await services.put(refOf('user', 'ann'), stored);
    expect(await reportOf(signedIn)).toMatchObject({ status });
  });

  test('that the caller’s own token is required, where it is exchanged', async () => {
    const exchanged: Authentication = {
      fields: [field('client_id'), field('client_secret')],
      token: {
        grant: 'token_exchange',
        tokenUrl: 'http://127.0.0.1/token',
        scopes: [],
        clientAuth: 'basic',
        exchange: { subjectTokenType: 'urn:ietf:params:oauth:token-type:access_token' },
      },
    };
    await services.put(refOf('organization'), { fields: { client_id: 'app', client_secret: 'canary' } });
    expect(await reportOf(exchanged)).toEqual({ status: 'requires_parameters' });
    const sent = { ...ann, upstreamAuthorization: 'Bearer own' };
    expect(await reportOf(exchanged, sent)).toEqual({ status: 'active', scope: 'organization' });
    expect(await run(exchanged, ann, { link: true })).toMatchObject({
      outcome: 'not_started',
      error: { code: 'conflict' },
    });
  });
});

describe('a connect link', () => {
  const open = (token: string | undefined, workspaceId = 'ws') => services.links.open(workspaceId, token ?? '');

  test('is given to a caller who requests one, for the user of the call', async () => {
    const { status, link } = await reportOf(keyed, ann, { link: true });
    expect({ status, expiresAt: link?.expiresAt }).toEqual({ status: 'not_connected', expiresAt: nowMs + 900_000 });
    expect(await open(link?.token)).toMatchObject({
      ref: refOf('user', 'ann'),
      authenticationId: 'main',
      expiresAt: nowMs + 900_000,
    });
  });

  test('is for the default user when the call names none', async () => {
    const { link } = await reportOf(keyed, { agentId: 'key_1' }, { link: true });
    expect(await open(link?.token)).toMatchObject({ ref: refOf('user', 'project_default_user') });
  });

  test('is given to a user who calls with a token, and so without a key or an agent', async () => {
    const { link } = await reportOf(keyed, { username: 'ann' }, { link: true });
    expect(await open(link?.token)).toMatchObject({ ref: refOf('user', 'ann') });
  });

  test('may replace an account that works only if the edge says so, or one that no longer works (T41)', async () => {
    const replacesOf = async (authentication: Authentication, inputs: JsonObject) =>
      (await open((await reportOf(authentication, ann, inputs)).link?.token)).replaces;
    expect(await replacesOf(keyed, { link: true })).toBeUndefined();
    await services.put(refOf('user', 'ann'), { fields: { api_key: 'own' } });
    expect(await replacesOf(keyed, { link: true })).toBeUndefined();
    expect(await replacesOf(keyed, { link: true, replaces: true })).toEqual({ requestedBy: ann.agentId });
    await services.put(refOf('user', 'ann'), {
      fields: { client_id: 'app' },
      grant: { accessToken: 'a', expiresAt: nowMs },
    });
    expect(await replacesOf(signedIn, { link: true })).toEqual({ requestedBy: ann.agentId });
  });

  test('does not reveal whom it is for', async () => {
    const { link } = await reportOf(keyed, ann, { link: true });
    const bytes = Buffer.from(link?.token.split('.')[1] ?? '', 'base64url').toString('latin1');
    expect(`${link?.token} ${bytes}`).not.toMatch(/ann|coi_1|main/);
  });

  test('is not made for a caller without a key, who could be anybody (B037)', async () => {
    expect(await run(keyed, {}, { link: true })).toMatchObject({ error: { code: 'forbidden' } });
  });

  test.each([
    ['of another workspace', (token: string) => open(token, 'other')],
    ['that was changed', (token: string) => open(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)],
    ['that is invalid', () => open('x')],
  ])('%s is not found', async (_name, use) => {
    const { link } = await reportOf(keyed, ann, { link: true });
    await expect(use(link?.token ?? '')).rejects.toMatchObject({ code: 'not_found' });
  });
});
