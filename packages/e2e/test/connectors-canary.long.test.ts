import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type OtlpReceiver, startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { createInstance, putCredential, registerConnector, requestRest, signIn } from '../src/connectors.ts';
import { dumpPlaces, findLeaks, formsOf, monitorRedis } from '../src/leaks.ts';
import { callPlainly, type PlainAnswer } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { type SmallConnector, smallConnector } from '../src/small-connector.ts';
import { startTicketApi, type TicketApi } from '../src/ticket-api.ts';

/*
 * The promise of the canary test, for everything that connectors hold: fields of credentials, values derived from them,
 * and tokens obtained with them are found in the secret store and at the upstream, and nowhere else.
 */

const canary = 'canary+/secret="9f3b7c1d';

let platform: TestPlatform;
let api: TicketApi;
let collector: OtlpReceiver;
let monitor: Awaited<ReturnType<typeof monitorRedis>>;

beforeAll(async () => {
  collector = await startOtlpReceiver();
  platform = await startPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'trace' });
  monitor = await monitorRedis(platform.redisUrl);
  api = await startTicketApi({ createToken: () => canary });
  api.signIn.client.secret = canary;
}, 60_000);

afterAll(async () => {
  monitor?.[Symbol.dispose]();
  await api?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await collector?.[Symbol.asyncDispose]();
});

type Case = {
  slug: string;
  authentication: Record<string, unknown> & { type: string };
  headers?: Record<string, string>;
  query?: Record<string, string>;
  fields: Record<string, string>;
  extra?: SmallConnector['extra'];
  /** The `X-Upstream-Authorization` of a separate call. */
  own?: string;
};

const secret = (key: string) => ({ key, label: key, field_type: 'secret', required: true });
const text = (key: string) => ({ key, label: key, field_type: 'string', required: true });
/** The identities by which these limits count must not appear in Redis. */
const rate_limits = ['per_account', 'per_instance', 'per_user', 'per_token'].map((scope) => ({
  scope,
  limit: 1000,
  interval_seconds: 60,
}));
const client = () => ({ client_id: api.signIn.client.id, client_secret: canary });

const cases = (): Case[] => [
  {
    slug: 'by-key',
    authentication: { type: 'api_key', fields: [secret('api_key')] },
    headers: { 'X-API-Key': '{api_key}' },
    query: { key: '{api_key}' },
    fields: { api_key: canary },
    own: canary,
  },
  {
    slug: 'by-bearer',
    authentication: { type: 'bearer', fields: [secret('token')] },
    fields: { token: canary },
    own: `Bearer ${canary}`,
  },
  {
    slug: 'by-basic',
    authentication: { type: 'basic', fields: [text('username'), secret('password')] },
    fields: { username: 'user', password: canary },
    own: `Basic ${Buffer.from(`other:${canary}`).toString('base64')}`,
  },
  {
    slug: 'by-client',
    authentication: { type: 'oauth2_client_credentials', token_url: `${api.url}/token`, scopes: ['read'] },
    fields: client(),
    own: `Bearer ${canary}`,
  },
  {
    slug: 'by-code',
    authentication: {
      type: 'oauth2_authorization_code',
      scopes: ['read'],
      authorization_url: `${api.url}/authorize`,
      token_url: `${api.url}/token`,
    },
    fields: client(),
    own: `Bearer ${canary}`,
  },
  {
    slug: 'by-chain',
    authentication: { type: 'custom', fields: [secret('password')] },
    headers: { 'X-Session': '{chain.session}' },
    fields: { password: canary },
    extra: {
      credential_chains: [
        {
          id: 'session',
          steps: [
            {
              request: {
                method: 'POST',
                url: `${api.url}/session`,
                body: { password: '{password}' },
                body_encoding: 'json',
              },
              extract: { session: 'session.token' },
            },
          ],
        },
      ],
    },
  },
];

/** Creates a connector with an instance and its credentials; returns how its tools are called. */
async function connect({ slug, authentication, headers, query, fields, extra }: Case) {
  const { type } = authentication;
  const auth = {
    auth_type_ref: type,
    ...(headers === undefined ? {} : { auth_headers: headers }),
    ...(query === undefined ? {} : { auth_query: query }),
  };
  const operations = Object.fromEntries(
    ['repeat', 'missing'].map((name) => [name, { endpoint: `${api.url}/${name}`, ...auth }]),
  );
  const test_endpoint = { url: `${api.url}/repeat` };
  await registerConnector(
    platform,
    smallConnector({
      slug,
      operations,
      authentication: [{ ...authentication, test_endpoint }],
      extra: { rate_limits, ...extra },
    }),
  );
  const instance = await createInstance(platform, { connector: slug, instance_name: slug, auth_type: type });
  const isSignIn = type === 'oauth2_authorization_code';
  const ada = { scope: 'user', subject: 'ada' } as const;
  const whose = isSignIn ? ({ scope: 'workspace' } as const) : ada;
  await putCredential(platform, instance, { ...whose, auth_type: type, fields, hosts: [api.host] });
  if (isSignIn) await signIn(platform, instance, ada);
  const tested = await requestRest(platform, 'POST', `/connector-instances/${instance.id}/test`, ada);
  expect([slug, tested.body.data.status]).toEqual([slug, 'success']);
  const callTool = (name: string, extraHeaders: Record<string, string> = {}) =>
    callPlainly(platform, instance.server.id, name, {}, { headers: { 'x-username': 'ada', ...extraHeaders } });
  return { tested: JSON.stringify(tested.body), callTool };
}

test('what a connector holds is found in the secret store and at the upstream, and nowhere else (T6, T9, T10)', async () => {
  const answers: PlainAnswer[] = [];
  const tests: string[] = [];
  for (const one of cases()) {
    const { tested, callTool } = await connect(one);
    tests.push(tested);
    api.requests.length = 0;
    const repeated = await callTool('repeat');
    const missing = await callTool('missing');
    const own = one.own === undefined ? [] : [await callTool('repeat', { 'x-upstream-authorization': one.own })];
    expect([one.slug, missing.result?.structuredContent['code']]).toEqual([one.slug, 'step_failed']);
    const done = [repeated, ...own];
    expect([one.slug, ...done.map(({ result }) => result?.isError ?? false)]).toEqual([
      one.slug,
      ...done.map(() => false),
    ]);
    for (const { headers, path } of api.requestsOf('/repeat')) {
      const sent = { request: JSON.stringify([headers, path]) };
      expect([one.slug, findLeaks(sent, formsOf(canary)).length > 0]).toEqual([one.slug, true]);
    }
    answers.push(missing, ...done);
  }
  await collector.until((spans) => spans.filter(({ name }) => name.startsWith('tools/call')).length >= answers.length);
  const places = {
    'tool results': JSON.stringify(answers),
    'tests of connections': tests.join('\n'),
    'Redis traffic': monitor.traffic.join('\n'),
    spans: collector.bodies.join('\n'),
    ...(await dumpPlaces(platform)),
  };
  // Each place contains its expected sign, which proves that it was searched.
  const signs: Record<keyof typeof places, string> = {
    'tool results': '[secret:',
    'tests of connections': '"http_status":200',
    'Redis traffic': 'tp:fence:',
    spans: 'tools/call repeat',
    'Redis content': 'tp:manifest:',
    PostgreSQL: 'by-chain',
    logs: '"service":"data-plane"',
    'secret files, which are encrypted': '.sealed',
  };
  for (const [place, content] of Object.entries(places)) {
    expect([place, content.includes(signs[place as keyof typeof places])]).toEqual([place, true]);
  }
  expect(findLeaks(places, formsOf(canary))).toEqual([]);
}, 60_000);
