import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type GuardedServer, startGuardedServer } from '@toolplane/loopback/guarded-server';
import { type OtlpReceiver, startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { requestRest } from '../src/connectors.ts';
import { dumpPlaces, findLeaks, formsOf, monitorRedis } from '../src/leaks.ts';
import { callPlainly, listToolNames } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';

/*
 * An external MCP server that requires OAuth, from the URL that an operator opens to the call of a client. Its tokens
 * are found in the secret store, encrypted, and at the two servers that they are for, and nowhere else.
 */

let platform: TestPlatform;
let collector: OtlpReceiver;
let monitor: Awaited<ReturnType<typeof monitorRedis>>;
let guarded: GuardedServer;
/** All responses that were sent to anybody. */
const answers: unknown[] = [];

beforeAll(async () => {
  collector = await startOtlpReceiver();
  const telemetry = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'trace' };
  platform = await startPlatform({ ...telemetry, EXTERNAL_REFRESH_SECONDS: '1' });
  monitor = await monitorRedis(platform.redisUrl);
  guarded = await startGuardedServer();
}, 60_000);
afterAll(async () => {
  monitor?.[Symbol.dispose]();
  for (const each of [guarded, platform, collector]) await each?.[Symbol.asyncDispose]();
});

async function rest(method: string, path: string, body?: unknown) {
  const answer = await requestRest(platform, method, path, body);
  answers.push(answer.body);
  return answer;
}

/** Signs in as an operator in a browser, who is authorized at once. */
async function signIn(id: string): Promise<void> {
  const { status, body } = await rest('POST', `/mcp-servers/${id}/external/guarded/sign-in`, {});
  expect([status, body.error]).toEqual([201, undefined]);
  const page = await fetch(body.data.authorizationUrl);
  const text = await page.text();
  answers.push(text);
  expect([page.status, text]).toEqual([200, expect.stringContaining('Connected.')]);
}

const call = async (id: string) => {
  const answer = await callPlainly(platform, id, 'guarded__whoami');
  answers.push(answer);
  return answer;
};
const authorization = async (id: string) =>
  (await rest('GET', `/mcp-servers/${id}/config`)).body.data.externalMcpConfigs[0].authorization;

test('an operator signs in once, every caller uses that sign-in, and no token appears anywhere (T8, T30, T32)', async () => {
  const externalMcpConfigs = [{ name: 'guarded', url: guarded.url, tools: ['*'] }];
  const created = await rest('POST', '/mcp-servers', { name: 'guarded', mode: 'NORMAL', externalMcpConfigs });
  expect([created.status, created.body.error]).toEqual([201, undefined]);
  const { id } = created.body.data;
  expect(await authorization(id)).toMatchObject({ state: 'needed' });

  await signIn(id);
  expect(await authorization(id)).toMatchObject({ state: 'signed_in', issuer: guarded.issuer, scope: 'read' });
  await until(async () => (await listToolNames(platform, id)).includes('guarded__whoami'));
  expect((await call(id)).result?.content[0]?.text).toMatch(/^Bearer \[secret:/);
  const used = [...guarded.tokens.keys()];
  expect(guarded.seen).toEqual([`Bearer ${used.at(-1)}`]);

  // The server no longer accepts any token that it issued, so a new token is requested for the next call.
  const refreshTokens = [...guarded.refreshTokens.keys()];
  guarded.tokens.clear();
  expect((await call(id)).result?.isError).not.toBe(true);
  const renewed = [...guarded.tokens.keys(), ...guarded.refreshTokens.keys()];

  // Only a person can help now, as every response says.
  guarded.tokens.clear();
  guarded.refreshTokens.clear();
  expect(JSON.stringify(await call(id))).toContain('requires a sign-in');
  await until(async () => (await authorization(id)).state === 'needed');
  await signIn(id);
  expect((await call(id)).result?.isError).not.toBe(true);
  const tokens = [...used, ...renewed, ...refreshTokens, ...guarded.tokens.keys(), ...guarded.refreshTokens.keys()];
  expect(new Set(tokens).size).toBeGreaterThanOrEqual(6);

  await collector.until((spans) => spans.some(({ name }) => name === 'tools/call guarded__whoami'));
  const places = {
    answers: JSON.stringify(answers),
    'Redis traffic': monitor.traffic.join('\n'),
    spans: collector.bodies.join('\n'),
    ...(await dumpPlaces(platform)),
  };
  expect(places.PostgreSQL).toContain('whoami');
  for (const token of tokens) expect(findLeaks(places, formsOf(token))).toEqual([]);

  expect((await rest('DELETE', `/mcp-servers/${id}/external/guarded/sign-in`)).status).toBe(204);
  expect(await authorization(id)).toMatchObject({ state: 'needed', signedInAt: null });
  guarded.seen.length = 0;
  await until(async () => (await call(id)).result?.isError !== false);
  expect(guarded.seen).toEqual([]);
}, 60_000);
