import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openClient, resolveToLoopback } from '../../test/open-client.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import type { HttpClient, UpstreamRequest } from './http-client.ts';

let api: Upstream;
let answer: Parameters<typeof startUpstream>[0];
let client: HttpClient;
let nowMs: number;
beforeEach(async () => {
  answer = json({});
  api = await startUpstream((request, response) => answer(request, response));
  nowMs = 1_000_000;
  client = openClient({ resolve: resolveToLoopback, now: () => nowMs });
});
afterEach(async () => {
  client.close();
  await api[Symbol.asyncDispose]();
});

function send(path = '/', request: Partial<UpstreamRequest> = {}) {
  const { signal } = new AbortController();
  const usual = { workspaceId: 'ws', method: 'GET', headers: {}, timeoutMs: 5000, signal } as const;
  return client.send({ ...usual, url: `${api.url}${path}`, ...request });
}

const times = <Result>(count: number, work: (index: number) => Result) =>
  Array.from({ length: count }, (_, i) => work(i));

describe('a workspace has at most 20 requests to an origin in progress at once (T22)', () => {
  let held: { path: string; response: ServerResponse }[];
  let arrived: () => void;
  beforeEach(() => {
    held = [];
    arrived = () => {};
    answer = ({ url = '' }, response) => {
      held.push({ path: url, response });
      arrived();
    };
  });

  /** Resolves when this number of requests is held. */
  const untilHeld = async (count: number) => {
    while (held.length < count) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  };
  const letGo = () => held.shift()?.response.end();

  async function fill() {
    const sending = times(20, (index) => send(`/${index}`));
    await untilHeld(20);
    return sending;
  }

  test('the others wait, and are sent in order of arrival', async () => {
    const first = await fill();
    const waiting = times(3, (index) => send(`/waited-${index}`));
    for (let index = 0; index < 3; index += 1) {
      letGo();
      await untilHeld(20);
      expect(held.at(-1)?.path).toBe(`/waited-${index}`);
    }
    while (held.length > 0) letGo();
    await expect(Promise.all([...first, ...waiting])).resolves.toHaveLength(23);
  });

  test('no other workspace waits for them, and neither do requests of the same one to another origin', async () => {
    const first = await fill();
    const others = [
      send('/other', { workspaceId: 'other' }),
      send('', { url: `http://localhost.example:${api.port}/` }),
    ];
    await untilHeld(22);
    while (held.length > 0) letGo();
    await expect(Promise.all([...first, ...others])).resolves.toHaveLength(22);
  });

  test('a request that does not get a slot in time is not sent, and leaves the queue', async () => {
    const first = await fill();
    await expect(send('/late', { timeoutMs: 20 })).rejects.toMatchObject({ code: 'upstream_timeout', isSent: false });
    const controller = new AbortController();
    const cancelled = send('/cancelled', { signal: controller.signal });
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled', isSent: false });
    const next = send('/next');
    letGo();
    await untilHeld(20);
    expect(held.at(-1)?.path).toBe('/next');
    while (held.length > 0) letGo();
    await Promise.all([...first, next]);
    expect(api.seen.map(({ url }) => url)).not.toContain('/late');
  });

  test('100 may wait; one more is refused at once, and is not sent', async () => {
    const first = await fill();
    const waiting = times(100, () => send('/waits'));
    await expect(send('/too-many')).rejects.toMatchObject({ code: 'upstream_busy', isSent: false });
    answer = json({});
    while (held.length > 0) letGo();
    await expect(Promise.all([...first, ...waiting])).resolves.toHaveLength(120);
  });

  test('an operator sets another limit', async () => {
    client.close();
    client = openClient({ resolve: resolveToLoopback, requestsPerOriginMax: 2 });
    const first = times(2, () => send('/first'));
    await untilHeld(2);
    const waiting = times(10, () => send('/waits'));
    await expect(send('/too-many')).rejects.toMatchObject({ code: 'upstream_busy', isSent: false });
    expect(api.seen).toHaveLength(2);
    answer = json({});
    while (held.length > 0) letGo();
    await expect(Promise.all([...first, ...waiting])).resolves.toHaveLength(12);
  });

  test('waiting counts towards the time limit of the request', async () => {
    const first = await fill();
    const since = performance.now();
    const late = send('/late', { timeoutMs: 400 });
    setTimeout(letGo, 300);
    await untilHeld(19);
    await expect(late).rejects.toMatchObject({ code: 'upstream_timeout', isSent: true });
    expect(performance.now() - since).toBeLessThan(680);
    while (held.length > 0) letGo();
    await Promise.all(first);
  });
});

describe('an upstream that fails 10 times in a row gets no requests for 10 s (T22)', () => {
  const failWith: Record<string, Parameters<typeof startUpstream>[0]> = {
    'status 502': json({}, 502),
    'status 503': json({}, 503),
    'status 504': json({}, 504),
    'a reset': (request) => request.socket.resetAndDestroy(),
    'an answer that breaks off': (request, response) => {
      response.writeHead(200, { 'content-length': 9 });
      response.write('x', () => request.socket.destroy());
    },
    'no answer in time': () => {},
  };
  const fail = async (count: number, rest: Partial<UpstreamRequest> = {}) => {
    for (let done = 0; done < count; done += 1) await send('/', { timeoutMs: 25, ...rest }).catch(() => {});
  };
  const paused = { code: 'upstream_paused', isSent: false };

  test.each(Object.keys(failWith))('%s', async (name) => {
    answer = failWith[name] ?? json({});
    await fail(10, name === 'no answer in time' ? {} : { timeoutMs: 5000 });
    answer = json({});
    await expect(send()).rejects.toMatchObject({ ...paused, retryAfterMs: 10_000 });
    expect(api.seen).toHaveLength(10);
    nowMs += 9999;
    await expect(send()).rejects.toMatchObject({ ...paused, retryAfterMs: 1 });
    nowMs += 1;
    await expect(send()).resolves.toMatchObject({ status: 200 });
    await expect(send()).resolves.toMatchObject({ status: 200 });
  });

  test('a connection that nobody accepts', async () => {
    await fail(10, { url: 'http://127.0.0.1:9/', timeoutMs: 5000 });
    await expect(send('', { url: 'http://127.0.0.1:9/' })).rejects.toMatchObject(paused);
  });

  test.each([
    ['an answer with another status', json({}, 500)],
    ['a limit that is reached', json({}, 429)],
    ['an answer that is too large', json('x'.repeat(2000))],
  ])('%s does not count as a failure', async (_name, other) => {
    answer = other;
    await fail(11, { timeoutMs: 5000, responseBytesMax: 1000 });
    expect(api.seen).toHaveLength(11);
  });

  test('a cancelled request does not count as a failure', async () => {
    answer = () => {};
    for (let count = 0; count < 11; count += 1) {
      await send('/', { signal: AbortSignal.timeout(2) }).catch(() => {});
    }
    answer = json({});
    await expect(send()).resolves.toMatchObject({ status: 200 });
  });

  test('requests with little time left after waiting for a slot do not count', async () => {
    const held: ServerResponse[] = [];
    answer = (_request, response) => void held.push(response);
    const first = times(20, () => send());
    const late = times(15, () => send('/late', { timeoutMs: 300 }).catch(({ code }) => code));
    setTimeout(() => {
      answer = () => {};
      for (const response of held.splice(0)) response.end();
    }, 250);
    await Promise.all(first);
    expect(await Promise.all(late)).toEqual(late.map(() => 'upstream_timeout'));
    answer = json({});
    await expect(send()).resolves.toMatchObject({ status: 200 });
  });

  test('one success resets the count', async () => {
    answer = json({}, 503);
    await fail(9);
    answer = json({});
    await send();
    answer = json({}, 503);
    await fail(9);
    await expect(send()).resolves.toMatchObject({ status: 503 });
    await expect(send()).rejects.toMatchObject(paused);
  });

  test('other workspaces still reach it, and the same one still reaches other origins', async () => {
    answer = json({}, 503);
    await fail(10);
    await expect(send('/', { workspaceId: 'other' })).resolves.toMatchObject({ status: 503 });
    await expect(send('', { url: `http://localhost.example:${api.port}/` })).resolves.toMatchObject({ status: 503 });
  });

  test('then a single request probes it; if that fails, all requests wait again', async () => {
    answer = json({}, 503);
    await fail(10);
    nowMs += 10_000;
    let response: ServerResponse | undefined;
    answer = (_request, probed) => {
      response = probed;
    };
    const arrived = api.nextRequest();
    const probe = send();
    await arrived;
    await expect(send()).rejects.toMatchObject({ ...paused, retryAfterMs: 1000 });
    response?.writeHead(503).end();
    await expect(probe).resolves.toMatchObject({ status: 503 });
    await expect(send()).rejects.toMatchObject({ ...paused, retryAfterMs: 10_000 });
  });

  test('after a cancelled probe, the next request is the probe', async () => {
    answer = json({}, 503);
    await fail(10);
    nowMs += 10_000;
    await expect(send('/', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    answer = json({});
    await expect(send()).resolves.toMatchObject({ status: 200 });
  });

  test('requests waiting for a slot are not sent once the pause begins', async () => {
    answer = json({}, 503);
    const ends = await Promise.allSettled(times(60, () => send()));
    const refused = ends.filter(({ status }) => status === 'rejected');
    expect(refused).toEqual(refused.map(() => ({ status: 'rejected', reason: expect.objectContaining(paused) })));
    expect(refused.length).toBeGreaterThan(20);
    expect(api.seen).toHaveLength(60 - refused.length);
  });
});
