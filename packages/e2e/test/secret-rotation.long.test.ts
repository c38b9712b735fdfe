import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type OtlpReceiver, startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { sealFor } from '../src/seal-for.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * The promise of a rotation: while the upstream switches from the old value to the new one, at any time, no call fails,
 * and the replaced value is gone afterwards.
 */

const [OLD, NEW, NEWEST] = ['the-old-value', 'the-new-value', 'the-newest-value'] as const;

/** The values that the upstream accepts. */
let accepted: string[];
let platform: TestPlatform;
let collector: OtlpReceiver;
let upstream: Upstream;
let server: DeployedServer;

beforeAll(async () => {
  accepted = [OLD];
  collector = await startOtlpReceiver();
  upstream = await startUpstream(({ headers }, response) => {
    const key = String(headers['x-key']);
    response.statusCode = accepted.includes(key) ? 200 : 401;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ key }));
  });
  platform = await startPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' });
  server = await deployServer(platform, 'rotation', document(), { KEY: { value: OLD, hosts: [upstream.host] } });
}, 60_000);
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
  await collector?.[Symbol.asyncDispose]();
});

const document = () => `
flower: "0.1"
id: rotation
flows:
  - id: call
    description: Sends the secret in a header, by a method that must not be repeated for nothing.
    steps:
      - id: only
        request:
          method: POST
          url: ${upstream.url}/x
          headers: { X-Key: $secrets.KEY }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { key: $steps.only.response.body.key }
`;

type Details = { versions: { version: number }[] };

const path = (rest = '') => `/mcp-servers/${server.id}/secrets/KEY${rest}`;
const details = async () => (await platform.rest.call<Details>('GET', path())) as Details;
const pin = (version: number) => platform.rest.call('PUT', path('/pin'), { version });
const unpin = () => platform.rest.call('DELETE', path('/pin'));
const storedSecrets = () => readdirSync(platform.secretsFolder).length;

async function put(value: string, overlapSeconds: number): Promise<void> {
  const purpose = { server: server.id, secret: 'KEY' };
  const sealed = await sealFor(platform.rest, purpose, { value, hosts: [upstream.host] });
  await platform.rest.call('PUT', path(), { sealed, overlapSeconds });
}

/** Calls continuously, four calls at once, until it is disposed. */
function startLoad() {
  const failures: unknown[] = [];
  let isOn = true;
  let done = 0;
  const loops = [1, 2, 3, 4].map(async () => {
    while (isOn) {
      const { result } = await callPlainly(platform, server.id, 'call');
      done += 1;
      if (result?.structuredContent['key'] !== '[secret:KEY]') failures.push(result?.structuredContent);
    }
  });
  return {
    failures,
    /** Resolves when this many calls have begun and ended. */
    async calls(count: number) {
      const enough = done + 4 + count;
      await until(async () => done >= enough);
    },
    async [Symbol.asyncDispose]() {
      isOn = false;
      await Promise.all(loops);
    },
  };
}

const seenSince = (index: number) => new Set(upstream.requests.slice(index).map(({ headers }) => headers['x-key']));

test('no call fails while a secret is rotated under load, nor while it is pinned back and unpinned', async () => {
  await using load = startLoad();
  await load.calls(10);
  await put(NEW, 3600);
  await load.calls(10);
  accepted = [OLD, NEW];
  await load.calls(10);
  accepted = [NEW];
  await load.calls(10);
  let index = upstream.requests.length;
  await load.calls(10);
  expect(seenSince(index)).toEqual(new Set([NEW]));

  accepted = [OLD, NEW];
  await pin(1);
  await load.calls(1);
  index = upstream.requests.length;
  await load.calls(10);
  expect(seenSince(index)).toEqual(new Set([OLD]));
  await unpin();
  await load.calls(10);
  accepted = [NEW];
  await load.calls(10);
  expect(load.failures).toEqual([]);
}, 60_000);

test('a replaced version is destroyed once the overlap has ended, and no call fails', async () => {
  await using load = startLoad();
  const before = storedSecrets();
  await put(NEWEST, 1);
  expect(storedSecrets()).toBe(before + 1);
  accepted = [NEW, NEWEST];
  await until(async () => !(await details()).versions.some(({ version }) => version === 2));
  expect(storedSecrets()).toBe(before);
  accepted = [NEWEST];
  await load.calls(10);
  expect(load.failures).toEqual([]);
}, 60_000);

test('traces name the versions that were sent, never a value (T8)', async () => {
  const refs = () =>
    new Set(collector.spans.map(({ attributes }) => JSON.stringify(attributes['toolplane.secret.refs'])));
  const of = (version: number) => JSON.stringify({ values: [{ stringValue: `KEY@${version}` }] });
  await collector.until(() => [1, 2, 3].every((version) => refs().has(of(version))));
  for (const value of [OLD, NEW, NEWEST]) expect(collector.bodies.join()).not.toContain(value);
});
