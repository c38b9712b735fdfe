import assert from 'node:assert';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createApi } from './api.ts';
import { ApiError } from './api-error.ts';
import { createMcpClient } from './mcp.ts';
import { getServer, listServers } from './server.ts';

/* A server that poses as a platform may send anything. Reading its answer ends nevertheless. */

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => void close()));

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return createApi({ api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'its-key' });
}

const ofServer = {
  id: 'srv_1',
  slug: 'trains',
  url: '',
  state: 'running',
  isStopped: false,
  mode: 'NORMAL',
  pool: null,
};

describe('a response', () => {
  test.each([
    ['of another form', { data: { ...ofServer, state: 7 } }, 'data.state'],
    ['without data', {}, 'data'],
    ['that is a list', [], 'The answer'],
  ])('%s gives one error that names the place', async (_, body, place) => {
    const api = await serve((_request, response) => void response.end(JSON.stringify(body)));
    await expect(getServer(api, 'trains')).rejects.toMatchObject({
      code: 'unexpected_answer',
      details: [expect.stringMatching(new RegExp(`^${place}`))],
    });
  });

  test('that does not end is read only up to the maximum length of a response', async () => {
    const part = Buffer.alloc(1024 ** 2, ' ');
    const api = await serve((_request, response) => {
      const write = () => {
        while (!response.destroyed && response.write(part));
      };
      response.on('drain', write);
      write();
    });
    await expect(getServer(api, 'trains')).rejects.toMatchObject({ code: 'too_large' });
  });

  test.each([
    [
      'details that are not violations',
      { error: { code: 'conflict', message: 'Taken', details: 'x' } },
      'conflict',
      'Taken',
    ],
    ['no error', { message: 'No' }, 'unexpected_answer', 'The platform answered 409'],
  ])('that refuses with %s is reported as far as possible', async (_, body, code, message) => {
    const api = await serve((_request, response) => void response.writeHead(409).end(JSON.stringify(body)));
    await expect(getServer(api, 'trains')).rejects.toMatchObject({ code, message, violations: [] });
  });

  test('that refuses what may have been mistyped is printed with what may have been meant, and keeps that for programs', async () => {
    const details = [
      { path: 'body.selectedTools.0', message: 'is not in any toolkit', suggestions: ['a.tell_time', 'a.tell_date'] },
      { path: 'body.selectedTools.1', message: 'is not in any toolkit', suggestions: [] },
      { path: 'body.name', message: 'is required', suggestions: 7 },
    ];
    const body = { error: { code: 'invalid_request', message: 'The request is not valid', details } };
    const api = await serve((_request, response) => void response.writeHead(400).end(JSON.stringify(body)));
    const refused: unknown = await getServer(api, 'trains').catch((error) => error);
    assert(refused instanceof ApiError);
    expect(refused.details).toEqual([
      'selectedTools.0 is not in any toolkit. Did you mean a.tell_time or a.tell_date?',
      'selectedTools.1 is not in any toolkit',
      'name is required',
    ]);
    expect(refused.toJson()).toMatchObject({ violations: [details[0], details[1], { path: 'body.name' }] });
  });

  test('keeps members that the tool does not know, for programs', async () => {
    const api = await serve((_request, response) => {
      response.end(JSON.stringify({ data: { ...ofServer, another: [7] } }));
    });
    expect(await getServer(api, 'trains')).toMatchObject({ another: [7] });
  });
});

describe('a list', () => {
  test('that claims more pages than possible is abandoned', async () => {
    let asked = 0;
    const api = await serve((_request, response) => {
      asked += 1;
      response.end(JSON.stringify({ data: [ofServer], totalPages: 1_000_000_000 }));
    });
    await expect(listServers(api)).rejects.toMatchObject({ code: 'too_large' });
    expect(asked).toBe(1000);
  });

  test('of tools with an endless cursor is abandoned', async () => {
    const api = await serve((_request, response) => {
      response.end('{"jsonrpc": "2.0", "id": 1, "result": {"tools": [], "nextCursor": "again"}}');
    });
    const url = `${api.login.api}/mcp/srv_1`;
    await expect(createMcpClient({ ...ofServer, url }, api).listTools()).rejects.toMatchObject({ code: 'too_large' });
  });
});
