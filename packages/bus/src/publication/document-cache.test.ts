import { describe, expect, jest, test } from '@jest/globals';
import { createDocumentCache, type DocumentLookup } from './document-cache.ts';

type Document = { revision: number };

/** A cache over a Redis whose answers the test chooses; the text of a document is its revision. */
function createCache(entriesMax = 10) {
  const published = new Map<string, string>();
  const state = { published, isComplete: true, isAway: false, lookUps: 0, verified: 0 };
  const cache = createDocumentCache<Document>({
    entriesMax,
    charactersMax: 20,
    refreshMs: 60_000,
    async lookUp(id): Promise<DocumentLookup> {
      state.lookUps += 1;
      if (state.isAway) throw new Error('connection refused');
      return { text: published.get(id) ?? null, isComplete: state.isComplete };
    },
    async verify(_id, text) {
      state.verified += 1;
      if (text === 'forged') throw new Error('bad signature');
      return { revision: Number(text) };
    },
  });
  return { cache, state, published };
}

/** Lets the test set the clock that the cache reads. */
function atTime(ms: number): void {
  jest.spyOn(Date, 'now').mockReturnValue(ms);
}

test('what is in memory counts as there even when it is due to be read again, until it is gone', async () => {
  const { cache, published } = createCache();
  published.set('a', '1');
  expect(cache.has('a')).toBe(false);
  await cache.get('a');
  cache.expire('a');
  expect([cache.peek('a'), cache.has('a')]).toEqual([undefined, true]);
  published.delete('a');
  await cache.get('a');
  expect(cache.has('a')).toBe(false);
});

test('what was read once is kept in memory', async () => {
  const { cache, state, published } = createCache();
  published.set('a', '1');
  expect(cache.peek('a')).toBeUndefined();
  const document = await cache.get('a');
  expect(cache.peek('a')).toBe(document);
  expect(await cache.get('a')).toBe(document);
  expect(state.lookUps).toBe(1);
});

test('simultaneous calls share one read', async () => {
  const { cache, state, published } = createCache();
  published.set('a', '1');
  await Promise.all(Array.from({ length: 50 }, () => cache.get('a')));
  expect(state.lookUps).toBe(1);
});

test('an announced document is read again, and the same text is not verified again', async () => {
  const { cache, state, published } = createCache();
  published.set('a', '1');
  const first = await cache.get('a');
  cache.expire('a');
  expect(cache.peek('a')).toBeUndefined();
  expect(await cache.get('a')).toBe(first);
  expect(state).toMatchObject({ lookUps: 2, verified: 1 });
  published.set('a', '2');
  cache.expire('a');
  expect(await cache.get('a')).toEqual({ revision: 2 });
});

test('an announcement during a read makes the result of the read outdated', async () => {
  const { cache, published } = createCache();
  published.set('a', '1');
  const reading = cache.get('a');
  cache.expire('a');
  published.set('a', '2');
  await reading;
  expect(await cache.get('a')).toEqual({ revision: 2 });
});

test('never goes back to an earlier revision', async () => {
  const { cache, published } = createCache();
  published.set('a', '5');
  await cache.get('a');
  published.set('a', '4');
  cache.expire('a');
  expect(await cache.get('a')).toEqual({ revision: 5 });
});

test('never goes back to an earlier revision through a deletion (T33)', async () => {
  const { cache, published } = createCache();
  published.set('a', '5');
  await cache.get('a');
  published.clear();
  cache.expire('a');
  expect(await cache.get('a')).toBeUndefined();
  published.set('a', '4');
  expect(await cache.get('a')).toBeUndefined();
  expect(cache.peek('a')).toBeUndefined();
  // The same revision again is no step back: a refilled Redis has it.
  published.set('a', '5 ');
  cache.expire('a');
  expect(await cache.get('a')).toEqual({ revision: 5 });
});

test('a document is read again after its time to live', async () => {
  const { cache, published } = createCache();
  atTime(0);
  published.set('a', '1');
  await cache.get('a');
  published.set('a', '2');
  atTime(59_999);
  expect(cache.peek('a')).toEqual({ revision: 1 });
  atTime(60_000);
  expect(await cache.get('a')).toEqual({ revision: 2 });
  jest.restoreAllMocks();
});

describe('a document that is not there', () => {
  test('does not exist when everything was published', async () => {
    expect(await createCache().cache.get('a')).toBeUndefined();
  });

  test('cannot be known when not everything was published', async () => {
    const { cache, state } = createCache();
    state.isComplete = false;
    await expect(cache.get('a')).rejects.toMatchObject({ code: 'config_unavailable' });
  });

  test('but was there before is gone, once everything was published: a revoked key does not come back', async () => {
    const { cache, published } = createCache();
    published.set('a', '1');
    await cache.get('a');
    published.clear();
    cache.expireAll();
    expect(await cache.get('a')).toBeUndefined();
    expect(cache.peek('a')).toBeUndefined();
  });

  test('but was there before stays valid while a Redis that lost its content is being refilled', async () => {
    const { cache, state, published } = createCache();
    published.set('a', '1');
    await cache.get('a');
    published.clear();
    state.isComplete = false;
    cache.expireAll();
    expect(await cache.get('a')).toEqual({ revision: 1 });
  });
});

describe('while Redis is away', () => {
  test('the last known document stays valid for a day, and not every call asks for it', async () => {
    const { cache, state, published } = createCache();
    atTime(0);
    published.set('a', '1');
    await cache.get('a');
    state.isAway = true;
    const dayMs = 24 * 60 * 60 * 1000;
    atTime(dayMs);
    expect(await cache.get('a')).toEqual({ revision: 1 });
    const { lookUps } = state;
    expect(await cache.get('a')).toEqual({ revision: 1 });
    expect(state.lookUps).toBe(lookUps);
    atTime(dayMs + 2000);
    await expect(cache.get('a')).rejects.toMatchObject({ code: 'config_unavailable' });
    jest.restoreAllMocks();
  });

  test('nothing is said about what was never seen', async () => {
    const { cache, state } = createCache();
    state.isAway = true;
    await expect(cache.get('a')).rejects.toMatchObject({ code: 'config_unavailable' });
  });
});

describe('a forged document', () => {
  test('does not replace the verified one', async () => {
    const { cache, published } = createCache();
    published.set('a', '1');
    await cache.get('a');
    published.set('a', 'forged');
    cache.expire('a');
    expect(await cache.get('a')).toEqual({ revision: 1 });
  });

  test('is not accepted as a first one', async () => {
    const { cache, published } = createCache();
    published.set('a', 'forged');
    await expect(cache.get('a')).rejects.toMatchObject({ code: 'config_unavailable' });
  });
});

test('memory is bounded: the least recently used document is forgotten', async () => {
  const { cache, published } = createCache(2);
  for (const id of ['a', 'b']) {
    published.set(id, '1');
    await cache.get(id);
  }
  cache.peek('a');
  published.set('c', '1');
  await cache.get('c');
  expect([cache.peek('a'), cache.peek('b'), cache.peek('c')]).toEqual([{ revision: 1 }, undefined, { revision: 1 }]);
});

test('memory is also bounded by the size of what is kept', async () => {
  const { cache, published } = createCache();
  for (const id of ['a', 'b', 'c']) {
    published.set(id, `${'0'.repeat(8)}1`);
    await cache.get(id);
  }
  expect([cache.peek('a'), cache.peek('b'), cache.peek('c')]).toEqual([undefined, { revision: 1 }, { revision: 1 }]);
});
