import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { callPlainly } from '../src/plain-client.ts';
import { deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * The examples of the reference, run unchanged against an API that supports idempotency keys: a request with a key that
 * the API has seen is answered but not executed again.
 */

jest.setTimeout(120_000);

const HOST = 'https://api.example.test';

let platform: TestPlatform;
let api: Upstream;
/** The payments by key; a payment without a key is always a new payment. */
const payments = new Map<string, number>();
/** How the response to the first request, which was executed, is lost. */
let lost: 'status 504' | 'connection';

beforeAll(async () => {
  platform = await startPlatform();
  api = await startUpstream(({ headers }, response) => {
    const key = headers['idempotency-key'] as string | undefined;
    const isNew = key === undefined || !payments.has(key);
    const payment = isNew ? 700 + payments.size : payments.get(key);
    payments.set(key ?? `none ${payments.size}`, payment ?? 0);
    if (api.requests.length === 1) {
      if (lost === 'connection') return void response.destroy();
      return void response.writeHead(504).end();
    }
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ id: payment }));
  });
});
afterAll(async () => {
  for (const each of [api, platform]) await each?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  payments.clear();
  api.requests.length = 0;
});

test('the example of Flower pays once, whatever became of the first answer', async () => {
  lost = 'status 504';
  const server = await deployServer(platform, 'flower-shop', exampleOf('flower.md').replace(HOST, api.url));
  await payOnce(server.id);
});

test('the example of Arazzo pays once, even when the first answer never came', async () => {
  lost = 'connection';
  const location = `${HOST}/openapi.json`;
  const definition = `
arazzo: 1.1.0
info: { title: Shop, version: "1" }
sourceDescriptions: [{ name: shop, url: ${location} }]
${exampleOf('arazzo.md')}`;
  const createPayment = {
    operationId: 'createPayment',
    requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
    responses: { 201: { description: 'Paid' } },
  };
  const content = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Shop', version: '1' },
    servers: [{ url: api.url }],
    paths: { '/payments': { post: createPayment } },
  });
  const references = [{ name: 'shop', content, location }];
  const server = await deployServer(platform, 'arazzo-shop', definition, {}, { references });
  await payOnce(server.id);
});

test.each([
  ['while it runs', 'release after'],
  ['and it has ended', 'release before'],
])('a call whose edge was killed %s: its key returns its result, and it is not run again', async (_name, when) => {
  const [arrived, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using slow = await startUpstream(async (_request, response) => {
    arrived.resolve();
    await release.promise;
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":7}');
  });
  const server = await deployServer(platform, `slow-shop-${when.split(' ')[1]}`, slowShop(slow.url));
  const pay = () =>
    fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': platform.apiKey, 'idempotency-key': 'order-7' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'pay_order' } }),
    }).then((answer) => answer.json());
  const first = pay().catch(() => 'lost');
  await arrived.promise;
  await platform.service('edge').kill('SIGKILL');
  if (when === 'release before') release.resolve();
  expect(await first).toBe('lost');
  await platform.service('edge').start();
  const again = pay();
  release.resolve();
  const { result } = await again;
  expect(result).toMatchObject({ structuredContent: { payment: 7 }, _meta: { 'io.toolplane/replayed': true } });
  expect((await pay()).result).toMatchObject({ structuredContent: { payment: 7 } });
  expect(slow.requests).toHaveLength(1);
});

const slowShop = (url: string) => `
flower: "0.1"
id: slow-shop
flows:
  - id: pay_order
    description: Pays an order, which takes a while.
    steps:
      - id: pay
        request: { method: POST, url: ${url}/payments, body: { order: 7 } }
        outputs: { payment: $response.body.id }
        actions: [{ when: "$statusCode == 201", do: next }]
    outputs: { payment: $steps.pay.outputs.payment }
`;

async function payOnce(serverId: string): Promise<void> {
  const { result } = await callPlainly(platform, serverId, 'pay_order', { order: 7 });
  expect(result?.structuredContent).toEqual({ payment: 700 });
  expect(api.requests.map(({ body }) => JSON.parse(body))).toEqual([{ order: 7 }, { order: 7 }]);
  expect([...payments.keys()]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}\.pay$/)]);
  // Paying the same order again on purpose is another call.
  await callPlainly(platform, serverId, 'pay_order', { order: 7 });
  expect(payments.size).toBe(2);
}

function exampleOf(page: string): string {
  const text = readFileSync(new URL(`../../../docs/reference/${page}`, import.meta.url), 'utf8');
  const [, example] = /### Sending a request again\n.*?^```yaml\n(.*?)^```$/ms.exec(text) ?? [];
  if (example === undefined) throw new Error(`${page} has no example`);
  return example;
}
