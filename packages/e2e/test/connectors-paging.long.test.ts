import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConnectorInstance, createInstance, registerConnector } from '../src/connectors.ts';
import { callPlainly } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { smallConnector } from '../src/small-connector.ts';
import { startTicketApi, type TicketApi } from '../src/ticket-api.ts';

/* Lists of seven entries in pages of three, with each pagination style that APIs have. */

let platform: TestPlatform;
let api: TicketApi;
let instance: ConnectorInstance;

const limit = { name: 'limit', location: 'query', field_type: 'integer', default_value: 3 };
const pages = (type: string, max_pages: number, extra: object = {}) => ({
  endpoint: `${api.url}/lists/${type}`,
  parameters: [limit],
  pagination: { type, limit_param: 'limit', items_path: 'items', max_pages, ...extra },
});

beforeAll(async () => {
  platform = await startPlatform();
  api = await startTicketApi();
  const cursor = { cursor_param: 'cursor', next_cursor_path: 'meta.next' };
  const operations = Object.fromEntries(
    [2, 10].flatMap((most) => [
      [`by_page_${most}`, pages('page', most, { page_param: 'page' })],
      [`by_offset_${most}`, pages('offset', most, { page_param: 'offset' })],
      [`by_cursor_${most}`, pages('cursor', most, cursor)],
      [`by_link_${most}`, pages('link', most)],
    ]),
  );
  await registerConnector(platform, smallConnector({ slug: 'lists', operations }));
  instance = await createInstance(platform, { connector: 'lists', instance_name: 'Lists', auth_type: 'none' });
}, 60_000);

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

const ids = (count: number) => Array.from({ length: count }, (_, index) => ({ id: index + 1 }));

test.each(['page', 'offset', 'cursor', 'link'])(
  'a list by %s is read to its end, or as far as its limit allows',
  async (way) => {
    const call = async (most: number) =>
      (await callPlainly(platform, instance.server.id, `by_${way}_${most}`)).result?.structuredContent['result'];
    expect(await call(10)).toMatchObject({ items: ids(7), has_more: false });
    expect(await call(2)).toMatchObject({ items: ids(6), has_more: true });
    expect(api.requestsOf(`/lists/${way}`)).toHaveLength(5);
  },
);
