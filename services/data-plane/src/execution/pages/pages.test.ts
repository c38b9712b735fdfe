import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Outcome, PlanPagination } from '@toolplane/contracts';
import { type ConnectedPlan, connectedPlan, field, refOf } from '../../../test/connected-plan.ts';
import { type ConnectionServices, createConnectionServices } from '../../../test/connection-services.ts';
import { templateOf } from '../../../test/plan.ts';
import { client, internalErrors, runTool } from '../../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';
import { findNextLink } from './next-link.ts';

/** The API returns the numbers from 0 to 6. */
const COUNT = 7;
const all = Array.from({ length: COUNT }, (_, index) => index);

let api: Upstream;
let services: ConnectionServices;
/** Replaces the API's response to the request with this number, counted from 1. */
let instead: Record<number, RequestListener>;

beforeAll(async () => {
  api = await startUpstream((request, response) => {
    const answer = instead[api.seen.length] ?? answerPage;
    answer(request, response);
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  api.seen.length = 0;
  instead = {};
  services = createConnectionServices(client);
  await services.put(refOf('organization'), { fields: { api_key: 'canary key/1' } });
});
afterEach(() => expect(internalErrors).toEqual([]));

/** Pages by `page`, `offset` or `after`, with three items unless `limit` is set. */
function answerPage(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', api.url);
  const number = (name: string) => Number(url.searchParams.get(name) ?? '0');
  const size = number('limit') || 3;
  const begin = number('offset') || number('after') || Math.max(0, number('page') - 1) * size;
  const end = begin + size;
  const headers: Record<string, string> = {};
  if (end < COUNT) {
    url.searchParams.set('after', String(end));
    headers['link'] = `<${url.pathname}?after=0>; rel=first, <${url.pathname}${url.search}>; rel="next"; title="a, b"`;
  }
  json({ data: { list: all.slice(begin, end) }, next: end < COUNT ? end : null }, 200, headers)(request, response);
}

function paged(rest: Partial<PlanPagination>): PlanPagination {
  return { type: 'page', items: templateOf('$response.body.data.list'), pagesMax: 10, ...rest };
}

const byCursor = paged({ type: 'cursor', parameter: 'after', nextCursor: templateOf('$response.body.next') });

function call(pagination: PlanPagination, rest: Partial<ConnectedPlan> = {}): Promise<Outcome> {
  const plan = connectedPlan({ url: `${api.url}/x`, authentication: 'none', pagination, ...rest });
  return runTool(plan, { services });
}

const asked = () => api.seen.map(({ url }) => url);
const whole = { ok: true, value: { result: { items: all, has_more: false, next: null } } };

describe('all pages are requested, one after the other', () => {
  test('by number, until an empty one', async () => {
    expect(await call(paged({ parameter: 'page' }))).toMatchObject(whole);
    expect(asked()).toEqual(['/x', '/x?page=2', '/x?page=3', '/x?page=4']);
  });

  test('by number, until one that is shorter than requested', async () => {
    const pagination = paged({ parameter: 'page', limitParameter: 'limit' });
    expect(await call(pagination, { query: { limit: '3' } })).toMatchObject(whole);
    expect(asked()).toEqual(['/x?limit=3', '/x?limit=3&page=2', '/x?limit=3&page=3']);
  });

  test('by offset', async () => {
    const pagination = paged({ type: 'offset', parameter: 'offset', limitParameter: 'limit' });
    expect(await call(pagination, { query: { limit: '4' } })).toMatchObject(whole);
    expect(asked()).toEqual(['/x?limit=4', '/x?limit=4&offset=4']);
  });

  test('by cursor', async () => {
    expect(await call(byCursor)).toMatchObject(whole);
    expect(asked()).toEqual(['/x', '/x?after=3', '/x?after=6']);
  });

  test('by link', async () => {
    expect(await call(paged({ type: 'link' }))).toMatchObject(whole);
    expect(asked()).toEqual(['/x', '/x?after=3', '/x?after=6']);
  });

  test('starting where the caller says, with all other parameters unchanged', async () => {
    const query = { offset: '2', 'q[]': "it's a+b", limit: '4' };
    const pagination = paged({ type: 'offset', parameter: 'offset', limitParameter: 'limit' });
    expect(await call(pagination, { query })).toMatchObject({ value: { result: { items: [2, 3, 4, 5, 6] } } });
    const rest = 'q%5B%5D=it%27s%20a%2Bb&limit=4';
    expect(asked()).toEqual([`/x?offset=2&${rest}`, `/x?${rest}&offset=6`]);
  });
});

describe('at most as many pages are requested as the descriptor allows', () => {
  test.each<[Partial<PlanPagination>, unknown]>([
    [{ type: 'page', parameter: 'page' }, 3],
    [{ type: 'offset', parameter: 'offset' }, 6],
    [{ type: 'cursor', parameter: 'after', nextCursor: templateOf('$response.body.next') }, 6],
    [{ type: 'link' }, null],
    [{ type: 'link', parameter: 'after' }, '6'],
  ])('%j', async (pagination, next) => {
    expect(await call(paged({ ...pagination, pagesMax: 2 }))).toMatchObject({
      value: { result: { items: [0, 1, 2, 3, 4, 5], has_more: true, next } },
    });
    expect(api.seen).toHaveLength(2);
  });

  test('a repeated cursor is not followed', async () => {
    const stuck = json({ data: { list: [1] }, next: 'a b&c' });
    instead = { 1: stuck, 2: stuck };
    expect(await call(byCursor)).toMatchObject({ value: { result: { items: [1, 1], has_more: false, next: null } } });
    expect(asked()).toEqual(['/x', '/x?after=a%20b%26c']);
  });

  test.each([null, '', undefined, false, {}])('the cursor %j ends the list', async (next) => {
    instead = { 1: json({ data: { list: [1] }, next }) };
    expect(await call(byCursor)).toMatchObject({ value: { result: { items: [1], has_more: false, next: null } } });
  });

  test('an answer without items ends the list', async () => {
    instead = { 1: json({}) };
    expect(await call(paged({ parameter: 'page' }))).toMatchObject({
      value: { result: { items: [], has_more: false, next: null } },
    });
  });
});

describe('a failed page fails its step', () => {
  test('by its status, which is reported', async () => {
    instead = { 2: json({ error: 'canary' }, 503, { 'retry-after': '7' }) };
    const outcome = await call(byCursor);
    expect(outcome).toMatchObject({
      outcome: 'done',
      error: { code: 'step_failed', status: 503, retryAfterMs: 7000 },
    });
    expect(JSON.stringify(outcome)).not.toContain('canary');
    expect(api.seen).toHaveLength(2);
  });

  test('without an answer: the outcome is unknown', async () => {
    instead = { 2: (_request, response) => response.destroy() };
    const outcome = await call(byCursor);
    expect(outcome).toMatchObject({ outcome: 'unknown', error: { code: 'upstream_unreachable' } });
    expect(outcome).not.toHaveProperty('error.status');
  });

  test('because its items are not a list', async () => {
    instead = { 2: json({ data: { list: 'canary' } }) };
    expect(await call(byCursor)).toMatchObject({
      outcome: 'done',
      error: {
        code: 'upstream_bad_response',
        message: 'The items of the answer are not a list',
        status: 200,
      },
    });
  });

  test('because all pages together are too large', async () => {
    const large = json({ data: { list: ['x'.repeat(2 * 1024 * 1024)] }, next: 1 });
    instead = { 1: large, 2: large, 3: large };
    const pagination = paged({ type: 'offset', parameter: 'offset' });
    expect(await call(pagination)).toMatchObject({
      outcome: 'done',
      error: { code: 'response_too_large', message: expect.stringContaining('5242880 bytes in total') },
    });
  });

  test('because it is larger than the step allows', async () => {
    instead = { 2: json({ data: { list: ['x'.repeat(1000)] } }) };
    expect(await call(byCursor, { step: { responseBytesMax: 900 } })).toMatchObject({
      outcome: 'done',
      error: { code: 'response_too_large', message: 'The answer of the upstream has more than 900 bytes' },
    });
  });

  test('because the step has run out of time', async () => {
    const arrived = Promise.withResolvers<() => void>();
    instead = { 2: (request, response) => arrived.resolve(() => answerPage(request, response)) };
    expect(await call(byCursor, { step: { timeoutMs: 300 } })).toMatchObject({
      outcome: 'unknown',
      error: { code: 'upstream_timeout' },
    });
    // Otherwise the request could arrive as the first request of the next test.
    const answer = await arrived.promise;
    answer();
  });
});

describe('links', () => {
  const byLink = paged({ type: 'link', pagesMax: 2 });
  const link = (header: string) => json({ data: { list: [0] } }, 200, { link: header });

  test.each([
    '<http://other.example.com/x?page=2>; rel=next',
    '<//localhost/x>; rel=next',
    '<https://127.0.0.1/x>; rel=next',
  ])('lead to no other origin: %s', async (header) => {
    instead = { 1: link(header) };
    expect(await call(byLink)).toMatchObject({
      outcome: 'done',
      error: {
        code: 'upstream_bad_response',
        message: 'The link to the next page leads to another origin, to which this tool sends no requests',
      },
    });
    expect(api.seen).toHaveLength(1);
  });

  test.each([
    ['<?page=2>; rel="next"', '/x?page=2'],
    ['<?page=2>; REL=Next', '/x?page=2'],
    ['</y>;title=";<x>";rel="prev next"', '/y'],
    ['<?a>; rel=prev, <?page=2> ; rel = next', '/x?page=2'],
    ['<?page=2#x>; rel="next"; foo', '/x?page=2'],
  ])('are read as in RFC 8288: %s', async (header, url) => {
    instead = { 1: link(header) };
    await call(byLink);
    expect(asked()).toEqual(['/x', url]);
  });

  test.each(['', '<?page=2>', '<?page=2>; rel=nextish', '<http://[>; rel=next', 'rel=next', '<?page=2; rel=next'])(
    'that are invalid are not followed: %j',
    async (header) => {
      instead = { 1: link(header) };
      expect(await call(byLink)).toMatchObject({ value: { result: { items: [0], has_more: false } } });
    },
  );

  test.each(['<', '<a', '<a>;', '<a>; rel="', '; ', '<a>; a = ', '<a>;a="\\'])(
    'are found in time that grows no faster than the header: %j',
    (part) => {
      const before = process.cpuUsage().user;
      findNextLink(new URL(api.url), part.repeat(100_000));
      // In quadratic time, each would take ten seconds or more.
      expect(process.cpuUsage().user - before).toBeLessThan(2_000_000);
    },
  );
});

describe('credentials', () => {
  const authentication = { fields: [field('api_key')] };

  test('are sent with every page, in headers and in the query, and a link need not contain them', async () => {
    const rest = { authentication, headers: { 'x-api-key': '{api_key}' }, query: { key: '{api_key}', all: 'yes' } };
    instead = {
      1: json({ data: { list: [0] } }, 200, { link: '</x?page=2>; rel=next' }),
      2: json({ data: { list: [1] } }, 200, { link: '</x?page=3&key=old&b=%20>; rel=next' }),
      3: json({ data: { list: [2] } }),
    };
    expect(await call(paged({ type: 'link' }), rest)).toMatchObject({ value: { result: { items: [0, 1, 2] } } });
    const key = 'key=canary%20key%2F1';
    expect(asked()).toEqual([`/x?${key}&all=yes`, `/x?page=2&${key}`, `/x?page=3&b=%20&${key}`]);
    expect(new Set(api.seen.map(({ headers }) => headers['x-api-key']))).toEqual(new Set(['canary key/1']));
  });

  test('that are echoed in items or in the next cursor are masked', async () => {
    instead = { 1: json({ data: { list: ['canary key/1'] }, next: 'canary key/1' }) };
    const pagination = { ...byCursor, pagesMax: 1 };
    const outcome = await call(pagination, { authentication, headers: { 'x-api-key': '{api_key}' } });
    expect(outcome).toMatchObject({
      value: { result: { items: ['[secret:api_key]'], has_more: true, next: '[secret:api_key]' } },
    });
  });

  test('that are refused on a later page are obtained anew, once in a step', async () => {
    let granted = 0;
    await services.put(refOf('organization'), { fields: { client_id: 'id', client_secret: 'canary-client' } });
    const token = { grant: 'client_credentials' as const, tokenUrl: `${api.url}/token`, scopes: [] };
    const grant: RequestListener = (request, response) => {
      granted += 1;
      json({ access_token: `canary-token-${granted}`, token_type: 'bearer' })(request, response);
    };
    instead = { 1: grant, 3: json({}, 401), 4: grant, 6: json({}, 401) };
    const outcome = await call(byCursor, {
      authentication: { token: { ...token, clientAuth: 'basic' } },
      headers: { authorization: 'Bearer {access_token}' },
    });
    expect(outcome).toMatchObject({ outcome: 'done', error: { code: 'step_failed', status: 401 } });
    expect(api.seen.map(({ url, headers }) => `${url} ${headers.authorization}`)).toEqual([
      expect.stringContaining('/token'),
      '/x Bearer canary-token-1',
      '/x?after=3 Bearer canary-token-1',
      expect.stringContaining('/token'),
      '/x?after=3 Bearer canary-token-2',
      '/x?after=6 Bearer canary-token-2',
    ]);
  });
});

test('a plan without a connection can also have pages', async () => {
  const { connection: _connection, ...plan } = connectedPlan({ url: `${api.url}/x`, pagination: byCursor });
  expect(await runTool(plan)).toMatchObject(whole);
});

test('the answer of a step can be limited below the limit of the data plane', async () => {
  instead = { 1: json('x'.repeat(1000)) };
  const plan = connectedPlan({ url: `${api.url}/x`, authentication: 'none', step: { responseBytesMax: 100 } });
  expect(await runTool(plan)).toMatchObject({
    outcome: 'done',
    error: { code: 'response_too_large', message: 'The answer of the upstream has more than 100 bytes' },
  });
});
