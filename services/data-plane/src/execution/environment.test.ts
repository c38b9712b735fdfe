import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ConnectionAuthentication, Plan } from '@toolplane/contracts';
import { chainStep, connectedPlan, field, refOf } from '../../test/connected-plan.ts';
import { createConnectionServices } from '../../test/connection-services.ts';
import { externalPlan } from '../../test/external-plan.ts';
import { type ExternalServerOfTest, startModernServer } from '../../test/external-servers.ts';
import { planOf } from '../../test/plan.ts';
import { client, internalErrors, runTool, secretOf, type ToolRun } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import { systemClock } from './clock.ts';
import { createEnvironment } from './environment.ts';

/* A debug session's run with other hosts and other secrets: production is on localhost, staging on 127.0.0.1. */

let production: Upstream;
let staging: Upstream;
/** The response of staging to any request. */
let answer: Parameters<typeof startUpstream>[0];

beforeAll(async () => {
  production = await startUpstream(json({ from: 'production' }));
  staging = await startUpstream((request, response) => answer(request, response));
});
beforeEach(() => {
  production.seen.length = staging.seen.length = 0;
  answer = json({ from: 'staging' });
});
afterEach(() => expect(internalErrors).toEqual([]));
afterAll(async () => {
  await production[Symbol.asyncDispose]();
  await staging[Symbol.asyncDispose]();
  client.close();
});

const productionUrl = () => `http://localhost:${production.port}`;
const environmentOf = (secrets: Record<string, string> = { TOKEN: 'STAGING_TOKEN' }) =>
  createEnvironment({ hosts: { [productionUrl()]: staging.url }, secrets });
const secrets = {
  TOKEN: secretOf('the-token-of-production', 'localhost'),
  STAGING_TOKEN: secretOf('the-token-of-staging', '127.0.0.1'),
};

function plan(rest: Partial<Parameters<typeof planOf>[0][number]> = {}): Plan {
  return planOf(
    [
      {
        id: 'get',
        url: `${productionUrl()}/things?a=1`,
        headers: { 'x-token': '$secrets.TOKEN' },
        secrets: ['TOKEN'],
        outputs: { from: '$response.body.from', echo: '$response.body.echo' },
        ...rest,
      },
    ],
    { from: '$steps.get.outputs.from', echo: '$steps.get.outputs.echo' },
  );
}

const run = (run: ToolRun = {}, of = plan()) => runTool(of, { secrets, environment: environmentOf(), ...run });

test('the staging host gets the request with the staging secret, and production sees nothing', async () => {
  answer = (request, response) => json({ from: 'staging', echo: request.headers['x-token'] ?? '' })(request, response);
  const environment = environmentOf();
  const uses: string[] = [];
  const services = { noteSecretUse: ({ name }: { name: string }) => uses.push(name) };
  expect(await run({ environment, services })).toMatchObject({ value: { from: 'staging', echo: '[secret:TOKEN]' } });
  expect(staging.seen).toMatchObject([{ url: '/things?a=1', headers: { 'x-token': 'the-token-of-staging' } }]);
  expect(production.seen).toEqual([]);
  expect(uses).toEqual(['STAGING_TOKEN']);
  expect(environment.notes()).toEqual([
    `Environment: ${staging.url} replaced ${productionUrl()}`,
    'Environment: STAGING_TOKEN replaced TOKEN',
  ]);
});

test('a run outside the environment uses the document’s hosts and secrets', async () => {
  const { environment: _, ...rest } = { secrets, environment: undefined };
  expect(await runTool(plan(), rest)).toMatchObject({ value: { from: 'production' } });
  expect(production.seen).toMatchObject([{ headers: { 'x-token': 'the-token-of-production' } }]);
  expect(staging.seen).toEqual([]);
});

test('a production secret is never sent to the staging host: its sealed hosts do not allow it', async () => {
  const outcome = await run({ environment: environmentOf({}) });
  expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'secret_host_denied' } });
  expect([...production.seen, ...staging.seen]).toEqual([]);
});

test('replacements that match nothing are reported', async () => {
  const environment = createEnvironment({
    hosts: { 'https://other.example': staging.url },
    secrets: { NONE: 'TOKEN' },
  });
  expect(await run({ environment })).toMatchObject({ value: { from: 'production' } });
  expect(environment.notes()).toEqual([
    `Environment: ${staging.url} replaced nothing, because this run did not use https://other.example`,
    'Environment: TOKEN replaced nothing, because this run did not use NONE',
  ]);
});

test('a redirect cannot lead back to production', async () => {
  answer = (_request, response) => void response.writeHead(302, { location: `${productionUrl()}/things` }).end();
  expect(await run()).toMatchObject({ error: { code: 'egress_denied' } });
  expect(production.seen).toEqual([]);
});

test('a host from an expression is also replaced, and must then be one that the server allows', async () => {
  const computed = plan({ url: '$inputs.url' });
  const inputs = { url: `${productionUrl()}/computed` };
  expect(await run({ inputs }, { ...computed, allowedHosts: ['localhost'] })).toMatchObject({
    error: { code: 'egress_denied' },
  });
  const allowed = await run({ inputs }, { ...computed, allowedHosts: ['127.0.0.1'] });
  expect(allowed).toMatchObject({ value: { from: 'staging' } });
  expect(production.seen).toEqual([]);
});

test('a token is obtained from the staging host with the staging client', async () => {
  answer = (request, response) =>
    json(request.url === '/token' ? { access_token: 'a-staging-access-token', token_type: 'Bearer' } : {})(
      request,
      response,
    );
  const [step] = plan({ headers: { authorization: 'Bearer {$secrets.access}' }, secrets: [] }).steps;
  const tokens = [{ name: 'access', secret: 'TOKEN', tokenUrl: `${productionUrl()}/token`, scopes: [] }];
  const withToken = { ...plan(), steps: [{ ...step, tokens }] } as Plan;
  const clients = {
    TOKEN: secretOf('id:production-secret', 'localhost'),
    STAGING_TOKEN: secretOf('id:the-staging-secret', '127.0.0.1'),
  };
  expect(await run({ secrets: clients }, withToken)).toMatchObject({ ok: true });
  expect(staging.seen).toMatchObject([
    { url: '/token', headers: { authorization: `Basic ${btoa('id:the-staging-secret')}` } },
    { headers: { authorization: 'Bearer a-staging-access-token' } },
  ]);
  expect(production.seen).toEqual([]);
});

test('a connector is called on the staging host with its credentials there, including its sign-in', async () => {
  answer = (request, response) =>
    json(request.url === '/sign-in' ? { key: 'a-staging-session' } : {})(request, response);
  const signIn = chainStep({ url: `${productionUrl()}/sign-in`, body: { key: '{api_key}' } }, { key: 'key' });
  const connected = connectedPlan({
    url: `${productionUrl()}/x`,
    headers: { 'x-session': '{chain.key}' },
    authentication: { fields: [field('api_key')], chains: [{ id: 'login', ttlMs: 60_000, steps: [signIn] }] },
  });
  const services = createConnectionServices(client);
  await services.put(refOf('workspace', 'ws'), {
    fields: { api_key: 'both-know-this' },
    hosts: ['localhost', '127.0.0.1'],
  });
  expect(await run({ services }, connected)).toMatchObject({ ok: true });
  expect(staging.seen).toMatchObject([
    { url: '/sign-in' },
    { url: '/x', headers: { 'x-session': 'a-staging-session' } },
  ]);
  expect(production.seen).toEqual([]);
  // Values that staging returned are not used in other environments.
  await runTool(connected, { services });
  expect(production.seen.map(({ url }) => url)).toContain('/sign-in');

  await services.put(refOf('workspace', 'ws'), { fields: { api_key: 'production-alone' }, hosts: ['localhost'] });
  expect(await run({ services }, connected)).toMatchObject({ error: { code: 'secret_host_denied' } });
});

test('a person who has signed in at a replaced host is not signed in anywhere else', async () => {
  const token: NonNullable<ConnectionAuthentication['token']> = {
    grant: 'authorization_code',
    tokenUrl: `${productionUrl()}/token`,
    scopes: [],
    clientAuth: 'basic',
  };
  const signedIn = connectedPlan({
    url: `${productionUrl()}/x`,
    headers: { authorization: 'Bearer {access_token}' },
    authentication: { fields: [field('client_id'), field('client_secret')], token },
  });
  const services = createConnectionServices(client);
  const grant = { accessToken: 'an-ended-token', refreshToken: 'a-refresh-token', expiresAt: 0 };
  await services.put(refOf('workspace', 'ws'), { grant, hosts: ['localhost', '127.0.0.1'] });
  expect(await run({ services }, signedIn)).toMatchObject({ error: { code: 'secret_host_denied' } });
  expect([...production.seen, ...staging.seen]).toEqual([]);
});

test('an external server is called on the staging host', async () => {
  const start = (name: string): Promise<ExternalServerOfTest> =>
    startModernServer((it) => void it.registerTool('who', {}, () => ({ content: [{ type: 'text', text: name }] })));
  await using live = await start('production');
  await using test = await start('staging');
  const liveUrl = live.url.replace('127.0.0.1', 'localhost');
  const asked = externalPlan({ url: liveUrl }, { kind: 'tool', name: 'who' }, { era: 'modern', transport: 'http' });
  const environment = createEnvironment({ hosts: { [new URL(liveUrl).origin]: new URL(test.url).origin } });
  const outcome = await runTool(asked, { environment, clock: systemClock });
  expect(outcome).toMatchObject({ ok: true, content: [{ text: 'staging' }] });
  expect(live.asked).toEqual([]);
});
