import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toHeaderSecretName } from '@toolplane/contracts';
import { type OtlpReceiver, startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { requestRest } from '../src/connectors.ts';
import { serve, startLegacyExternal, startModernExternal, type TestExternalServer } from '../src/external-servers.ts';
import { dumpPlaces, findLeaks, formsOf, monitorRedis } from '../src/leaks.ts';
import { callPlainly, listToolNames } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { sealFor } from '../src/seal-for.ts';
import { until } from '../src/until.ts';

/*
 * The header for an external server is found in the secret store and in the requests that this server receives, and
 * nowhere else, even if the server leaks it in its responses and in the descriptions of its tools.
 */

const canary = 'canary-of-headers-9f3b7c1d-5e2a';

let platform: TestPlatform;
let collector: OtlpReceiver;
let monitor: Awaited<ReturnType<typeof monitorRedis>>;
let external: TestExternalServer[];

beforeAll(async () => {
  collector = await startOtlpReceiver();
  const telemetry = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'trace' };
  platform = await startPlatform({ ...telemetry, EXTERNAL_REFRESH_SECONDS: '1' });
  monitor = await monitorRedis(platform.redisUrl);
  external = await Promise.all([startModernExternal(), startLegacyExternal()]);
}, 60_000);
afterAll(async () => {
  monitor?.[Symbol.dispose]();
  for (const each of [...(external ?? []), platform, collector]) await each?.[Symbol.asyncDispose]();
});

test('a sealed header goes to its server alone, whatever that server gives away (T8, T30, B119)', async () => {
  for (const each of external) each.say(`Greets. I was sent Bearer ${canary}.`);
  await using rudeServer = await serve(() => (request, response, body) => {
    const { id } = body === '' ? {} : JSON.parse(body);
    const message = `I know ${request.headers.authorization}`;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message } }));
  });
  const hosts = [...external, rudeServer].map(({ host }) => host);
  const seal = (value: string, purpose: Record<string, string>) => sealFor(platform.rest, purpose, { value, hosts });
  const attach = async (server: string, names: readonly (readonly [name: string, url: string])[]) => {
    const request = { name: server, mode: 'NORMAL' };
    const { id } = (await requestRest(platform, 'POST', '/mcp-servers', request)).body.data;
    const externalMcpConfigs = await Promise.all(
      names.map(async ([name, url]) => {
        const purpose = { server: id, secret: toHeaderSecretName(name, 'Authorization') };
        const headers = { Authorization: { sealed: await seal(`Bearer ${canary}`, purpose) } };
        return { name, url, tools: ['*'], headers };
      }),
    );
    const attached = await requestRest(platform, 'PATCH', `/mcp-servers/${id}`, { externalMcpConfigs });
    expect([attached.status, attached.body.error]).toEqual([200, undefined]);
    return attached;
  };
  const created = await attach(
    'canary',
    external.map(({ url }, index) => [`guests-${index}`, url]),
  );
  const { id } = created.body.data;
  await until(async () => (await listToolNames(platform, id)).length === 6);

  const rude = await attach('rude', [['rude', rudeServer.url]]);
  const [{ state, message }] = rude.body.data.externalMcpConfigs;
  expect([state, message]).toEqual(['failed', expect.stringContaining('I know [secret:')]);

  const answers: unknown[] = [rude.body];
  for (const index of [0, 1]) {
    const shown = await callPlainly(platform, id, `guests-${index}__show_request`);
    expect(shown.result?.content[0]?.text).toMatch(/authorization/);
    answers.push(shown);
  }
  for (const url of external.map((each) => each.url)) {
    const sealed = await seal(JSON.stringify({ Authorization: `Bearer ${canary}` }), { url });
    const loaded = await requestRest(platform, 'POST', '/mcp-servers/load-tools-from-url', {
      url,
      headers: { sealed },
    });
    expect(loaded.status).toBe(200);
    answers.push(loaded.body);
  }
  for (const each of external) {
    const authorized = each.requests.filter((seen) => seen.headers.authorization === `Bearer ${canary}`);
    expect(authorized).toHaveLength(each.requests.length);
  }
  const rest: unknown[] = [created.body];
  for (const path of ['', '/config', '/secrets', '/secrets/EXTERNAL_GUESTS_0_AUTHORIZATION']) {
    rest.push((await requestRest(platform, 'GET', `/mcp-servers/${id}${path}`)).body);
  }
  await collector.until((spans) => spans.some(({ name }) => name === 'tools/call guests-1__show_request'));
  const places = {
    'tool results': JSON.stringify(answers),
    'tool lists': JSON.stringify(await listTools(id)),
    'REST answers': JSON.stringify(rest),
    'Redis traffic': monitor.traffic.join('\n'),
    spans: collector.bodies.join('\n'),
    ...(await dumpPlaces(platform)),
  };
  expect(places['REST answers']).toContain('EXTERNAL_GUESTS_0_AUTHORIZATION');
  expect(places.PostgreSQL).toContain('show_request');
  expect(findLeaks(places, formsOf(canary))).toEqual([]);
}, 60_000);

async function listTools(id: string): Promise<unknown> {
  const response = await fetch(`${platform.mcp}/mcp/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': platform.apiKey },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  return response.json();
}
