import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from '@jest/globals';
import { openClient, rulesWith } from '../../test/open-client.ts';
import { startUpstream } from '../../test/upstream.ts';
import type { HttpClient, OpenRequest } from './http-client.ts';
import type { OpenAnswer } from './open-answer.ts';

function open(client: HttpClient, url: string, rest: Partial<OpenRequest> = {}): Promise<OpenAnswer> {
  return client.open({
    workspaceId: 'ws',
    url,
    method: 'GET',
    headers: {},
    responseBytesMax: 1000,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    ...rest,
  });
}

async function readAll({ body }: OpenAnswer): Promise<string> {
  let text = '';
  for await (const chunk of body) text += chunk.toString();
  return text;
}

test('an answer is read as it arrives', async () => {
  let writer: ServerResponse | undefined;
  await using upstream = await startUpstream((_request, response) => {
    writer = response;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('one');
  });
  const answer = await open(openClient(), upstream.url);
  expect(answer.status).toBe(200);
  expect((await answer.body.next()).value?.toString()).toBe('one');
  writer?.end('two');
  expect((await answer.body.next()).value?.toString()).toBe('two');
  expect((await answer.body.next()).done).toBe(true);
  await answer.ended;
});

test('its connection is reused when it was read to the end', async () => {
  const ports = new Set<number | undefined>();
  await using upstream = await startUpstream((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('whole');
  });
  const client = openClient();
  for (let count = 0; count < 3; count += 1) expect(await readAll(await open(client, upstream.url))).toBe('whole');
  expect(ports.size).toBe(1);
});

test('an upstream that asks to change protocols is a bad response', async () => {
  await using upstream = await startUpstream((request) => {
    request.socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
  });
  const closed = upstream.nextClose();
  await expect(open(openClient(), upstream.url)).rejects.toMatchObject({ code: 'upstream_bad_response', isSent: true });
  await closed;
});

test('a redirect is an ordinary answer, and a compressed answer is refused', async () => {
  await using upstream = await startUpstream((request, response) => {
    if (request.url === '/elsewhere') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    else response.writeHead(200, { 'content-encoding': 'gzip' }).end('zip');
  });
  const client = openClient();
  const answer = await open(client, `${upstream.url}/elsewhere`);
  expect(answer.status).toBe(302);
  expect(await readAll(answer)).toBe('');
  await expect(open(client, upstream.url)).rejects.toMatchObject({ code: 'upstream_bad_response', isSent: true });
});

test('an answer that is too large, too slow, cancelled or broken off ends, and its socket is closed', async () => {
  const answers: ServerResponse[] = [];
  await using upstream = await startUpstream((_request, response) => {
    answers.push(response);
    response.writeHead(200);
    response.write('x'.repeat(100));
  });
  const client = openClient();

  const large = await open(client, upstream.url, { responseBytesMax: 50 });
  await expect(readAll(large)).rejects.toMatchObject({ code: 'response_too_large', isAnswered: false });
  const slow = await open(client, upstream.url, { timeoutMs: 300 });
  await expect(readAll(slow)).rejects.toMatchObject({ code: 'upstream_timeout' });
  const stop = new AbortController();
  const cancelled = await open(client, upstream.url, { signal: stop.signal });
  stop.abort();
  await expect(readAll(cancelled)).rejects.toMatchObject({ code: 'cancelled', isSent: true });
  const broken = await open(client, upstream.url);
  await broken.body.next();
  answers.at(-1)?.destroy();
  await expect(broken.body.next()).rejects.toMatchObject({ code: 'upstream_bad_response', isSent: true });
  await Promise.all(answers.map((it) => (it.destroyed ? undefined : once(it, 'close'))));
});

test('it passes the same guards as any request', async () => {
  const rulesOf = () => rulesWith({ denyHosts: ['127.0.0.1'] });
  await expect(open(openClient({ rulesOf }), 'http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'egress_denied' });
  await expect(open(openClient(), 'http://169.254.169.254/')).rejects.toMatchObject({ code: 'egress_denied' });
  await expect(open(openClient(), 'http://127.0.0.1:1/', { headers: { host: 'x' } })).rejects.toMatchObject({
    code: 'invalid_upstream_request',
  });
});

test('it keeps its slot until it ends; requests that are held open have limits of their own', async () => {
  await using upstream = await startUpstream((request, response) => {
    response.writeHead(200);
    if (request.url === '/long') response.write('x');
    else response.end();
  });
  const client = openClient();
  const long = await Promise.all(Array.from({ length: 20 }, () => open(client, `${upstream.url}/long`)));
  await readAll(await open(client, upstream.url, { ownLimits: 'held open' }));
  const waiting = open(client, upstream.url, { timeoutMs: 200 });
  await expect(waiting).rejects.toMatchObject({ code: 'upstream_timeout', isSent: false });
  for (const answer of long) answer.close();
  expect(await readAll(await open(client, upstream.url))).toBe('');
});
