import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openClient } from '../../test/open-client.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import type { UpstreamRequest } from './http-client.ts';

const client = openClient({ resolve: async () => [{ address: '10.0.0.1', family: 4 }] });
afterAll(() => client.close());

const SECRET = 'sk_canary_0123456789';
const headers = {
  authorization: SECRET,
  cookie: SECRET,
  'x-api-key': SECRET,
  'x-anything': SECRET,
  'content-type': 'text/plain',
};

/** Responds to `/<status>?to=<location>` with that redirect, and to everything else with 200. */
function redirecting(): Promise<Upstream> {
  return startUpstream((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const location = url.searchParams.get('to');
    if (location === null) response.end('end');
    else response.writeHead(Number(url.pathname.slice(1)), { location }).end('moved');
  });
}

let first: Upstream;
let other: Upstream;
beforeEach(async () => {
  [first, other] = await Promise.all([redirecting(), startUpstream(json('other'))]);
});
afterEach(async () => {
  await first[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

function send(status: number, to: string, request: Partial<UpstreamRequest> = {}) {
  const url = `${first.url}/${status}?to=${encodeURIComponent(to)}`;
  return client.send({
    workspaceId: 'ws',
    url,
    method: 'GET',
    headers,
    timeoutMs: 5000,
    signal: new AbortController().signal,
    ...request,
  });
}

describe('to another origin', () => {
  test.each([301, 302, 303, 307, 308])('%d: a GET follows without any header of the plan', async (status) => {
    await expect(send(status, `${other.url}/x`)).resolves.toMatchObject({ status: 200 });
    expect(JSON.stringify(other.seen)).not.toContain(SECRET);
    expect(Object.keys(other.seen[0]?.headers ?? {})).not.toContain('x-anything');
  });

  test.each([307, 308])('%d: a POST is refused, and its body is not sent', async (status) => {
    await expect(send(status, `${other.url}/x`, { method: 'POST', body: SECRET })).rejects.toMatchObject({
      code: 'redirect_refused',
      isSent: true,
      isAnswered: true,
      status,
    });
    expect(other.seen).toEqual([]);
  });

  test.each([301, 302, 303])('%d: a POST becomes a GET without body and headers', async (status) => {
    await send(status, `${other.url}/x`, { method: 'POST', body: SECRET });
    expect(other.seen).toMatchObject([{ method: 'GET', body: '' }]);
    expect(JSON.stringify(other.seen)).not.toContain(SECRET);
  });

  test.each(['PUT', 'PATCH', 'DELETE'] as const)('302: %s is refused', async (method) => {
    await expect(send(302, `${other.url}/x`, { method })).rejects.toMatchObject({ code: 'redirect_refused' });
  });

  test('dropped headers do not come back at the first origin', async () => {
    const back = await startUpstream((_request, response) => {
      response.writeHead(302, { location: `${first.url}/end` }).end();
    });
    await send(302, back.url);
    expect(first.seen.at(-1)?.headers).not.toHaveProperty('authorization');
    await back[Symbol.asyncDispose]();
  });
});

describe('to the same origin', () => {
  test('a GET keeps its headers', async () => {
    await send(302, '/end');
    expect(first.seen.at(-1)).toMatchObject({ url: '/end', headers: { authorization: SECRET } });
  });

  test('307: a POST is repeated with its body', async () => {
    await send(307, '/end', { method: 'POST', body: 'x' });
    expect(first.seen.at(-1)).toMatchObject({ method: 'POST', url: '/end', body: 'x' });
  });

  test('303: a POST becomes a GET without the headers of a body', async () => {
    await send(303, '/end', { method: 'POST', body: 'x' });
    expect(first.seen.at(-1)).toMatchObject({ method: 'GET', body: '' });
    expect(first.seen.at(-1)?.headers).not.toHaveProperty('content-type');
  });

  test('HEAD stays HEAD', async () => {
    await send(303, '/end', { method: 'HEAD' });
    expect(first.seen.at(-1)).toMatchObject({ method: 'HEAD', url: '/end' });
  });
});

describe('never followed (B105)', () => {
  test.each([
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://metadata.google.internal/',
    'http://evil.example.com/',
    'file:///etc/passwd',
    'ftp://api.example.com/',
    'http://user:pw@127.0.0.1/',
  ])('to %s', async (location) => {
    await expect(send(302, location)).rejects.toMatchObject({ code: 'egress_denied', isSent: true, isAnswered: true });
  });

  test('in a loop of more than five hops', async () => {
    const loop = await startUpstream((_request, response) => response.writeHead(302, { location: '/again' }).end());
    const request = { workspaceId: 'ws', url: loop.url, method: 'GET', headers: {}, timeoutMs: 5000 } as const;
    await expect(client.send({ ...request, signal: new AbortController().signal })).rejects.toMatchObject({
      code: 'redirect_refused',
    });
    expect(loop.seen).toHaveLength(6);
    await loop[Symbol.asyncDispose]();
  });

  test('to a text that is not a URL', async () => {
    await expect(send(302, 'http://[')).rejects.toMatchObject({ code: 'upstream_bad_response' });
  });

  test('without a location, so that the answer is returned as it is', async () => {
    const plain = await startUpstream((_request, response) => response.writeHead(302).end('body'));
    const request = { workspaceId: 'ws', url: plain.url, method: 'GET', headers: {}, timeoutMs: 5000 } as const;
    const response = await client.send({ ...request, signal: new AbortController().signal });
    expect(response.status).toBe(302);
    await plain[Symbol.asyncDispose]();
  });
});

describe('when redirects count as answers', () => {
  test.each([301, 302, 303, 307, 308])('%d is returned as it is, and no other host is contacted', async (status) => {
    const answer = await send(status, `${other.url}/x`, { returnsRedirects: true });
    expect(answer).toMatchObject({ status, headers: { location: `${other.url}/x` } });
    expect(answer.body.toString()).toBe('moved');
    expect([first.seen.length, other.seen.length]).toEqual([1, 0]);
  });

  test('so is one to an internal address, and one to a text that is not a URL', async () => {
    await expect(send(302, 'http://169.254.169.254/', { returnsRedirects: true })).resolves.toMatchObject({
      status: 302,
    });
    await expect(send(302, 'http://[', { returnsRedirects: true })).resolves.toMatchObject({ status: 302 });
  });
});
