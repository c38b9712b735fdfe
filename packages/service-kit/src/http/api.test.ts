import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AppError, type Permission } from '@toolplane/contracts';
import pino from 'pino';
import { z } from 'zod';
import { toLoggedError } from '../logger.ts';
import { listOf, pageQuery, succeed, succeedWithoutBody, succeedWithPage, successOf } from './answers.ts';
import { addRoute, createApi } from './api.ts';
import { JsonText, jsonTextSchema } from './json-text.ts';
import { createLargeBodies } from './large-bodies.ts';
import { parseJsonBody } from './parse-json-body.ts';

const canary = 'canary-7c1d';
const logged: string[] = [];
const logger = pino({ serializers: { err: toLoggedError } }, { write: (line: string) => void logged.push(line) });
const thing = z.object({ id: z.string(), size: z.int() }).meta({ id: 'Thing' });

/** Authenticating the sender of `leaver` takes until it has disconnected. */
const left = Promise.withResolvers<void>();
const parsedElsewhere: number[] = [];
const largeBodies = createLargeBodies<{ workspaceId: string }>({
  holderOf: ({ workspaceId }) => workspaceId,
  bytesMax: 4 * 1024 * 1024,
  atOnceMax: 1,
  async parse(bytes) {
    parsedElsewhere.push(bytes.length);
    return parseJsonBody(bytes);
  },
});

const api = createApi(
  {
    title: 'Things',
    version: '1',
    description: 'For tests',
    openApiPath: '/openapi.json',
    logger,
    async authenticate(req) {
      if (req.headers['x-api-key'] === undefined) throw new AppError('unauthenticated', 'An API key is needed');
      if (req.headers['x-api-key'] === 'leaver') {
        await new Promise((resolve) => req.once('close', resolve));
        left.resolve();
      }
      const permissions: Permission[] = req.headers['x-api-key'] === 'reader' ? ['servers:read'] : ['servers:write'];
      return { workspaceId: 'ws_1', permissions };
    },
  },
  (api) => {
    addRoute(api, {
      method: 'get',
      path: '/things',
      operationId: 'listThings',
      tag: 'things',
      summary: 'List things',
      access: 'any-key',
      query: z.strictObject(pageQuery),
      responses: { 200: { description: 'A page', body: listOf(thing) } },
      async handle({ query }) {
        return succeedWithPage('Things', query, { items: [{ id: 'a', size: 1 }], total: 21 });
      },
    });
    addRoute(api, {
      method: 'put',
      path: '/things/{id}',
      operationId: 'putThing',
      tag: 'things',
      summary: 'Put a thing',
      access: 'servers:write',
      params: z.strictObject({ id: z.string().max(10) }),
      headers: z.object({ 'if-match': z.string().optional() }),
      body: z.strictObject({ size: z.int().min(1), note: z.string().optional() }),
      responses: {
        200: { description: 'Put', body: successOf(thing) },
        204: { description: 'Nothing changed', body: null },
      },
      async handle({ params, body }) {
        if (body.size === 13) throw new Error(`boom ${canary}`);
        if (body.size === 204) return succeedWithoutBody();
        const hidden: object = { hash: canary };
        return succeed(200, 'Put', { id: params.id, size: body.size, ...hidden });
      },
    });
    addRoute(api, {
      method: 'post',
      path: '/things/import',
      operationId: 'importThing',
      tag: 'things',
      summary: 'Import a thing',
      access: 'any-key',
      body: z.strictObject({ note: z.string() }),
      largeBodies,
      responses: { 200: { description: 'Imported', body: successOf(thing) } },
      async handle({ body }) {
        return succeed(200, 'Imported', { id: 'a', size: body.note.length });
      },
    });
    addRoute(api, {
      method: 'post',
      path: '/things/count',
      operationId: 'countThings',
      tag: 'things',
      summary: 'Count things',
      access: 'any-key',
      body: z.strictObject({ from: z.int().default(0) }),
      responses: { 200: { description: 'Counted', body: successOf(thing) } },
      async handle({ body }) {
        return succeed(200, 'Counted', { id: 'a', size: body.from });
      },
    });
    addRoute(api, {
      method: 'get',
      path: '/things/export',
      operationId: 'exportThings',
      tag: 'things',
      summary: 'Export things',
      access: 'any-key',
      responses: { 200: { description: 'Exported', body: jsonTextSchema } },
      async handle() {
        return { status: 200 as const, body: new JsonText('{"b": 1,"a": 2}') };
      },
    });
  },
);

let server: Server;
let base: string;
beforeAll(async () => {
  server = createServer(api.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

async function send(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { 'x-api-key': 'writer', 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) };
}

/** For requests that `fetch` cannot send. Returns the status. */
async function sendRaw(lines: string[], body: string): Promise<number> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`${[...lines, 'connection: close'].join('\r\n')}\r\n\r\n${body}`);
  return Number((await text(socket)).slice('HTTP/1.1 '.length).slice(0, 3));
}

describe('200', () => {
  test('a response contains only what its schema names', async () => {
    const { status, body } = await send('PUT', '/things/a', '{"size":2}');
    expect([status, body]).toEqual([200, { success: true, message: 'Put', data: { id: 'a', size: 2 } }]);
  });

  test('JSON that was serialized elsewhere is sent unchanged', async () => {
    const { headers, text } = await send('GET', '/things/export');
    expect([headers.get('content-type'), text]).toEqual(['application/json; charset=utf-8', '{"b": 1,"a": 2}']);
  });

  test('an empty body is an empty object, whatever its type', async () => {
    const lines = ['POST /things/count HTTP/1.1', 'host: a', 'x-api-key: writer'];
    const json = 'content-type: application/json';
    expect(await sendRaw(lines, '')).toBe(200);
    expect(await sendRaw([...lines, 'content-type: text/plain', 'content-length: 0'], '')).toBe(200);
    expect(await sendRaw([...lines, json], '')).toBe(200);
    expect(await sendRaw([...lines, json, 'transfer-encoding: chunked'], '0\r\n\r\n')).toBe(200);
  });

  test('a list states the position of its page', async () => {
    const { body } = await send('GET', '/things?page=2&limit=10');
    expect(body).toEqual({
      success: true,
      message: 'Things',
      data: [{ id: 'a', size: 1 }],
      total: 21,
      page: 2,
      limit: 10,
      totalPages: 3,
      hasNextPage: true,
      hasPreviousPage: true,
    });
  });
});

test('204 has no body', async () => {
  expect(await send('PUT', '/things/a', '{"size":204}')).toMatchObject({ status: 204, text: '' });
});

describe('400', () => {
  test('lists every violation of every part at once, by path', async () => {
    const { status, body } = await send('PUT', '/things/a-long-long-id?q=1', '{"size":0,"workspaceId":"ws_2"}');
    expect(status).toBe(400);
    expect(body.error.details.map((violation: { path: string }) => violation.path).sort()).toEqual([
      'body.size',
      'body.workspaceId',
      'params.id',
      'query.q',
    ]);
  });

  test.each([
    ['malformed JSON', `{"size": ${canary}`],
    ['invalid UTF-8 text', `"${canary}`],
    ['another type', `["${canary}"]`],
    ['a wrong value', `{"size":"${canary}"}`],
    ['__proto__', `{"size":1,"__proto__":{"note":"${canary}"}}`],
    ['__proto__ in escapes', `{"size":1,"\\u005f_proto__":{"note":"${canary}"}}`],
    ['constructor.prototype', `{"size":1,"constructor":{"prototype":{"note":"${canary}"}}}`],
    ['nothing', ''],
  ])('refuses %s and never quotes what was sent', async (_name, text) => {
    const answer = await send('PUT', '/things/a', text);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ success: false, error: { code: 'invalid_request' } });
    expect(answer.text).not.toContain(canary);
  });

  test.each(['limit=-1', 'limit=1e9', 'limit=abc', 'limit=101', 'page=0', 'limit=1&limit=2'])('%s', async (query) => {
    expect((await send('GET', `/things?${query}`)).status).toBe(400);
  });

  test('a path that is not valid percent-encoding', async () => {
    expect((await send('PUT', '/things/%ff', '{"size":1}')).status).toBe(400);
  });
});

test('401 comes before anything in the request is checked', async () => {
  const response = await fetch(`${base}/things/a`, { method: 'PUT', body: '{' });
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
});

test('no response is cached: it is only for the caller', async () => {
  const answers = [await send('GET', '/things'), await send('PUT', '/things/a', '{', { 'x-api-key': 'reader' })];
  expect(answers.map(({ status, headers }) => [status, headers.get('cache-control')])).toEqual([
    [200, 'no-store'],
    [403, 'no-store'],
  ]);
});

test('403 names the permission that is missing', async () => {
  const { status, body } = await send('PUT', '/things/a', '{', { 'x-api-key': 'reader' });
  expect(status).toBe(403);
  expect(body.error.message).toContain('servers:write');
});

test('404 for an unknown path, 405 if only the method is wrong', async () => {
  expect((await send('GET', '/other')).body.error.code).toBe('not_found');
  const { status, headers, body } = await send('DELETE', '/things');
  expect([status, headers.get('allow'), body.error.code]).toEqual([405, 'GET', 'method_not_allowed']);
});

test('413 for a body over 2 MiB', async () => {
  const { status, body } = await send('PUT', '/things/a', JSON.stringify({ note: 'x'.repeat(2 * 1024 * 1024) }));
  expect([status, body.error.code]).toEqual([413, 'payload_too_large']);
});

describe('a route for large bodies', () => {
  const mib = 1024 * 1024;
  const post = (size: number) => send('POST', '/things/import', JSON.stringify({ note: 'x'.repeat(size) }));

  test('accepts larger bodies than others, and has them parsed elsewhere', async () => {
    expect((await post(3 * mib)).body.data).toEqual({ id: 'a', size: 3 * mib });
    expect(parsedElsewhere.splice(0)).toEqual([3 * mib + '{"note":""}'.length]);
  });

  test('parses small ones itself', async () => {
    expect((await post(1000)).status).toBe(200);
    expect(parsedElsewhere).toEqual([]);
  });

  test('413 for more than it accepts', async () => {
    expect((await post(4 * mib)).status).toBe(413);
  });

  test('503 while too many large bodies arrive; small ones are accepted, and large ones again afterwards', async () => {
    const headers = { 'x-api-key': 'writer', 'content-type': 'application/json' };
    const unfinished = new AbortController();
    const stream = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) });
    const holding = fetch(`${base}/things/import`, {
      method: 'POST',
      headers,
      body: stream,
      duplex: 'half',
      signal: unfinished.signal,
    } as RequestInit).catch(() => undefined);
    const eventually = async (status: number) => {
      while ((await post(3 * mib)).status !== status);
    };
    await eventually(503);
    expect((await post(1000)).status).toBe(200);
    unfinished.abort();
    await holding;
    await eventually(200);
  });

  test('keeps no place for a client that left before it was known who it is', async () => {
    const client = connect(Number(new URL(base).port), '127.0.0.1');
    const lines = ['POST /things/import HTTP/1.1', 'host: a', 'x-api-key: leaver', 'content-type: application/json'];
    client.write(`${lines.join('\r\n')}\r\ncontent-length: ${3 * mib}\r\n\r\n{`);
    await once(server, 'request');
    client.resetAndDestroy();
    await left.promise;
    expect((await post(3 * mib)).status).toBe(200);
  });
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'])(
  '415 for %s',
  async (contentType) => {
    expect((await send('PUT', '/things/a', '{"size":1}', { 'content-type': contentType })).status).toBe(415);
  },
);

describe('500', () => {
  test('the message of an unknown error reaches neither the caller nor the log', async () => {
    const { status, body, text } = await send('PUT', '/things/a', '{"size":13}');
    expect([status, body.error]).toEqual([500, { code: 'internal', message: 'Internal error' }]);
    expect(text).not.toContain(canary);
    expect(logged.join('')).not.toContain(canary);
  });
});

describe('the log', () => {
  test('has one line per request with the route, but never with query, body or headers', async () => {
    logged.length = 0;
    const { headers } = await send('PUT', `/things/${canary.slice(0, 9)}`, '{"size":3,"note":"secret-note"}');
    await send('GET', `/things?limit=5`);
    expect(logged).toHaveLength(2);
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({
      request_id: headers.get('x-request-id'),
      'http.request.method': 'PUT',
      'http.route': '/things/:id',
      'http.response.status_code': 200,
    });
    expect(logged.join('')).not.toMatch(/canary|secret-note|writer|limit/);
  });
});

test('the OpenAPI document describes every route', async () => {
  const { body } = await send('GET', '/openapi.json');
  expect(body.openapi).toBe('3.1.0');
  expect(body.components.schemas).toHaveProperty('Thing');
  expect(Object.keys(body.paths)).toEqual([
    '/things',
    '/things/{id}',
    '/things/import',
    '/things/count',
    '/things/export',
  ]);
  expect(body.paths['/things/{id}'].put.parameters).toEqual([
    { name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 10 } },
    { name: 'if-match', in: 'header', required: false, schema: { type: 'string' } },
  ]);
});
