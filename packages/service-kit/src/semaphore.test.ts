import { expect, test } from '@jest/globals';
import { createSemaphore } from './semaphore.ts';

const toError = (reason: string) => new Error(reason);
const settle = () => new Promise(setImmediate);

/** Creates work whose names are listed in `started` as it starts, and that ends when the test says so. */
function createWork() {
  const started: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  return {
    started,
    work: (name: string) => () => {
      started.push(name);
      return new Promise<string>((resolve, reject) => {
        ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
      });
    },
    async end(name: string, error?: Error) {
      ends.get(name)?.(error);
      await settle();
    },
  };
}

test('a limited number run at once; the others start in the order of their arrival', async () => {
  const semaphore = createSemaphore({ slotsMax: 2, toError });
  const { started, work, end } = createWork();
  const all = ['a', 'b', 'c', 'd'].map((name) => semaphore.run(work(name)));
  expect(started).toEqual(['a', 'b']);
  await end('b');
  expect(started).toEqual(['a', 'b', 'c']);
  await end('a');
  expect(started).toEqual(['a', 'b', 'c', 'd']);
  await end('c');
  await end('d');
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
});

test('work that fails frees its slot', async () => {
  const semaphore = createSemaphore({ slotsMax: 1, toError });
  await expect(semaphore.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  await expect(
    semaphore.run(() => {
      throw new Error('thrown');
    }),
  ).rejects.toThrow('thrown');
  expect(semaphore.acquire()).toBeUndefined();
});

test('a key at its own limit lets other keys pass, also those that came later', async () => {
  const semaphore = createSemaphore({ slotsMax: 3, slotsPerKeyMax: 2, toError });
  const { started, work, end } = createWork();
  const names = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'];
  const all = names.map((name) => semaphore.run(work(name), { key: name.charAt(0) }));
  expect(started).toEqual(['a1', 'a2', 'b1']);
  await end('b1');
  expect(started).toEqual(['a1', 'a2', 'b1', 'c1']);
  await end('a2');
  expect(started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3']);
  for (const name of names) await end(name);
  await end('b2');
  expect(await Promise.all(all)).toEqual(names);
});

test('without a limit in all, no key waits for another', async () => {
  const semaphore = createSemaphore({ slotsPerKeyMax: 1, toError });
  const { started, work, end } = createWork();
  const all = ['a1', 'a2', 'b1', 'b2'].map((name) => semaphore.run(work(name), { key: name.charAt(0) }));
  expect(started).toEqual(['a1', 'b1']);
  await end('b1');
  expect(started).toEqual(['a1', 'b1', 'b2']);
  for (const name of ['a1', 'a2', 'b2']) await end(name);
  expect(await Promise.all(all)).toHaveLength(4);
});

test('what finds the queue of its key full is refused at once', () => {
  const semaphore = createSemaphore({ slotsPerKeyMax: 1, waitingMax: 1, toError });
  expect(semaphore.acquire({ key: 'a' })).toBeUndefined();
  expect(semaphore.acquire({ key: 'a' })).toBeInstanceOf(Promise);
  expect(() => semaphore.acquire({ key: 'a' })).toThrow('queue_full');
  expect(semaphore.acquire({ key: 'b' })).toBeUndefined();
});

test('what has waited too long is refused, and its slot goes to the next', async () => {
  const semaphore = createSemaphore({ slotsMax: 1, toError });
  expect(semaphore.acquire()).toBeUndefined();
  const late = semaphore.acquire({ timeoutMs: 1 });
  const next = semaphore.acquire();
  await expect(late).rejects.toThrow('timeout');
  semaphore.release();
  await next;
  semaphore.release();
  expect(semaphore.acquire()).toBeUndefined();
});

test('what stops waiting leaves no slot in use, even if the slot becomes free at the same moment', async () => {
  const semaphore = createSemaphore({ slotsMax: 1, toError });
  const stop = new AbortController();
  expect(semaphore.acquire()).toBeUndefined();
  const stopped = semaphore.acquire({ signal: stop.signal });
  const next = semaphore.acquire();
  stop.abort(new Error('stopped'));
  semaphore.release();
  await expect(stopped).rejects.toThrow('stopped');
  await next;
  const tooLate = new AbortController();
  const assigned = semaphore.acquire({ signal: tooLate.signal });
  semaphore.release();
  tooLate.abort(new Error('after it was assigned'));
  await assigned;
  semaphore.release();
  expect(semaphore.acquire()).toBeUndefined();
});

test('a signal that fired before refuses only what has to wait', async () => {
  const semaphore = createSemaphore({ slotsMax: 1, toError });
  const signal = AbortSignal.abort(new Error('stopped'));
  expect(semaphore.acquire({ signal })).toBeUndefined();
  await expect(semaphore.acquire({ signal })).rejects.toThrow('stopped');
});

test('says when work has to wait', () => {
  const semaphore = createSemaphore({ slotsMax: 1, toError });
  const waited: number[] = [];
  semaphore.acquire({ onWait: () => waited.push(1) });
  semaphore.acquire({ onWait: () => waited.push(2) });
  expect(waited).toEqual([2]);
});
