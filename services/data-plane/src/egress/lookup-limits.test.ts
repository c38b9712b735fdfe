import { expect, test } from '@jest/globals';
import { openClient } from '../../test/open-client.ts';
import { json, startUpstream } from '../../test/upstream.ts';
import { inCall } from './current-call.ts';

test('names that never resolve block look-ups only for their own workspace (T22)', async () => {
  await using api = await startUpstream(json({ ok: true }));
  const stuck = Promise.withResolvers<never>();
  const seen = Promise.withResolvers<void>();
  let lookups = 0;
  const client = openClient({
    async resolve(hostname) {
      if (!hostname.startsWith('never')) return [{ address: '127.0.0.1', family: 4 }];
      lookups += 1;
      if (lookups === 8) seen.resolve();
      return stuck.promise;
    },
  });
  const giveUp = new AbortController();
  function send(workspaceId: string, host: string, { signal }: AbortController = new AbortController()) {
    const url = `http://${host}.example.com:${api.port}/`;
    return client.send({ workspaceId, url, method: 'GET', headers: {}, timeoutMs: 5000, signal });
  }
  const flood = Array.from({ length: 40 }, (_, index) => send('flood', `never${index}`, giveUp));
  await seen.promise;
  expect(await send('quiet', 'api')).toMatchObject({ status: 200 });
  giveUp.abort();
  const ended = await Promise.allSettled(flood);
  expect(ended).toEqual(
    ended.map(() => ({ status: 'rejected', reason: expect.objectContaining({ code: 'cancelled', isSent: false }) })),
  );
  // The abandoned names are still being looked up, because a lookup cannot be stopped.
  const late = send('flood', 'never');
  expect(lookups).toBe(8);
  stuck.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
  await expect(late).rejects.toMatchObject({ code: 'upstream_unreachable', isSent: false });
  client.close();
});

test('an organization looks up so many names at once, however many workspaces it has (T38)', async () => {
  const stuck = Promise.withResolvers<never>();
  let lookups = 0;
  const client = openClient({
    async resolve() {
      lookups += 1;
      return stuck.promise;
    },
  });
  const giveUp = new AbortController();
  const hold = { isStillOwner: () => true, confirm: async () => {} };
  const flood = Array.from({ length: 27 }, (_, index) =>
    inCall({ organization: 'crowd', hold }, () => {
      const url = `http://never${index}.example.com/`;
      const limits = { timeoutMs: 5000, signal: giveUp.signal };
      return client.send({ workspaceId: `w${index}`, url, method: 'GET', headers: {}, ...limits });
    }),
  );
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(lookups).toBe(8);
  giveUp.abort();
  await Promise.allSettled(flood);
  stuck.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
  client.close();
});
