import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from '@jest/globals';
import type { Hold } from '@toolplane/bus';
import { AppError } from '@toolplane/contracts';
import { openClient, resolveToLoopback } from '../../test/open-client.ts';
import { json, startUpstream } from '../../test/upstream.ts';
import { inCall } from './current-call.ts';

const client = openClient({ resolve: resolveToLoopback });
afterAll(() => client.close());

function post(url: string, hold: Hold) {
  const request = { workspaceId: 'ws', url, method: 'POST', headers: {}, timeoutMs: 5000 } as const;
  return inCall({ organization: 'o', hold }, () => client.send({ ...request, signal: new AbortController().signal }));
}

/** Returns a hold that is sure for this number of checks; then the call turns out to be lost. */
function sureFor(looks: number): Hold {
  let left = looks;
  return {
    isStillOwner: () => left-- > 0,
    confirm: () => Promise.reject(new AppError('worker_lost', 'The worker of the call was lost')),
  };
}

test('nothing is sent for a call that turns out to be lost (F3)', async () => {
  await using api = await startUpstream(json({}));
  await expect(post(api.url, sureFor(0))).rejects.toMatchObject({ code: 'worker_lost', isSent: false });
  expect(api.seen).toEqual([]);
});

test('a redirect is not followed for a call that was lost meanwhile (F3)', async () => {
  await using api = await startUpstream((request, response) => {
    response.writeHead(request.url === '/' ? 307 : 200, { location: '/next' }).end();
  });
  // The two checks for the first request: before it is sent, and when its connection is ready.
  await expect(post(`${api.url}/`, sureFor(2))).rejects.toMatchObject({ code: 'worker_lost', isSent: true });
  expect(api.seen.map(({ url }) => url)).toEqual(['/']);
});

test('a connection that is made after the process stood still is closed before anything is written (F3)', async () => {
  await using api = await startUpstream(json({}));
  await expect(post(api.url, sureFor(1))).rejects.toMatchObject({ code: 'upstream_unreachable', isSent: false });
  expect(api.seen).toEqual([]);
});

test('a call that is still held continues after it was looked up (F3)', async () => {
  await using api = await startUpstream(json({}));
  let isStillOwner = false;
  const confirm = async () => {
    isStillOwner = true;
  };
  expect(await post(api.url, { isStillOwner: () => isStillOwner, confirm })).toMatchObject({ status: 200 });
  expect(api.seen).toHaveLength(1);
});

test('what outlives a call, as a kept connection does, holds nothing of its arguments', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  using timers = new DisposableStack();
  const begin = () => {
    const call = { organization: 'o', hold: sureFor(0), args: { text: 'x' } };
    inCall(call, () => {
      timers.adopt(
        setInterval(() => {}, 60_000),
        clearInterval,
      );
    });
    return new WeakRef(call.args);
  };
  const args = begin();
  // A WeakRef keeps its target until the event-loop turn in which it was created has ended.
  await setImmediate();
  collect();
  expect(args.deref()).toBeUndefined();
});
