import { beforeEach, describe, expect, test } from '@jest/globals';
import { SecretValue } from '@toolplane/service-kit';
import { createSecretCache, type SecretCache } from './secret-cache.ts';
import type { Secret } from './secret-store.ts';

const ref = { workspaceId: 'ws', serverId: 'srv', name: 'KEY' };
const MINUTE_MS = 60_000;

/** `answer` stands in for the store; the time does not change unless a test advances it. */
let reads: number;
let answer: () => Promise<Secret | undefined>;
let nowMs: number;
let cache: SecretCache;

beforeEach(() => {
  reads = 0;
  nowMs = 1_000_000;
  answer = async () => secretOf('first');
  cache = createSecretCache({
    store: {
      get() {
        reads += 1;
        return answer();
      },
    },
    now: () => nowMs,
    random: () => 0.5,
  });
});

function secretOf(value: string): Secret {
  return { value: new SecretValue(value), hosts: [], version: 1 };
}

async function value(): Promise<string | undefined> {
  return (await cache.get(ref))?.value.reveal();
}

const down = () => Promise.reject(new Error('down'));

test('one read serves a hundred concurrent calls', async () => {
  const values = await Promise.all(Array.from({ length: 100 }, value));
  expect([new Set(values), reads]).toEqual([new Set(['first']), 1]);
});

test('a value is read again after five minutes', async () => {
  await value();
  nowMs += 5 * MINUTE_MS - 1;
  answer = async () => secretOf('second');
  expect(await value()).toBe('first');
  nowMs += 1;
  expect(await value()).toBe('second');
});

test('secrets that were read together are not all read again together', async () => {
  const times = [0, 1].map((random) => {
    let at = 0;
    const spread = createSecretCache({
      store: { get: async () => secretOf('x') },
      now: () => at,
      random: () => random,
    });
    return { spread, pass: (ms: number) => (at += ms) };
  });
  const [early, late] = await Promise.all(
    times.map(async ({ spread, pass }) => {
      const first = await spread.get(ref);
      pass(5 * MINUTE_MS);
      return (await spread.get(ref)) === first;
    }),
  );
  expect([early, late]).toEqual([false, true]);
});

test('absence is remembered for ten seconds', async () => {
  answer = async () => undefined;
  expect([await value(), await value(), reads]).toEqual([undefined, undefined, 1]);
  nowMs += 10_000;
  answer = async () => secretOf('set now');
  expect(await value()).toBe('set now');
});

describe('while the store is unavailable', () => {
  test('a known value is used for an hour at most', async () => {
    await value();
    answer = down;
    nowMs += 59 * MINUTE_MS;
    expect(await value()).toBe('first');
    nowMs += MINUTE_MS;
    await expect(value()).rejects.toMatchObject({ code: 'secret_unavailable' });
  });

  test('the store is not asked on every call', async () => {
    await value();
    answer = down;
    nowMs += 30 * MINUTE_MS;
    await value();
    await value();
    expect(reads).toBe(2);
  });

  test('an unknown value is unavailable, not missing, and is requested again', async () => {
    answer = down;
    await expect(value()).rejects.toMatchObject({
      code: 'secret_unavailable',
      message: 'The secret KEY cannot be read at the moment',
    });
    answer = async () => secretOf('back');
    expect(await value()).toBe('back');
  });
});

describe('a changed secret', () => {
  test('is read again at once', async () => {
    await value();
    answer = async () => secretOf('rotated');
    cache.invalidate(ref);
    expect(await value()).toBe('rotated');
  });

  test('is not used any longer while the store is unavailable', async () => {
    await value();
    answer = down;
    cache.invalidate(ref);
    await expect(value()).rejects.toMatchObject({ code: 'secret_unavailable' });
  });

  test('takes precedence over a read that began before the change', async () => {
    const slow = Promise.withResolvers<Secret>();
    answer = () => slow.promise;
    const before = value();
    cache.invalidate(ref);
    answer = async () => secretOf('rotated');
    expect(await value()).toBe('rotated');
    slow.resolve(secretOf('first'));
    await before;
    expect(await value()).toBe('rotated');
  });
});

describe('a secret that an upstream refused', () => {
  test('is read again, but at most once in 30 s', async () => {
    await value();
    cache.expire(ref);
    await value();
    expect(reads).toBe(1);
    nowMs += 30_000;
    cache.expire(ref);
    await value();
    cache.expire(ref);
    await value();
    expect(reads).toBe(2);
  });

  test('stays in use while the store is unavailable', async () => {
    await value();
    nowMs += 30_000;
    answer = down;
    cache.expire(ref);
    expect(await value()).toBe('first');
  });

  test('is requested at most once in 30 s, even while the store is unavailable', async () => {
    await value();
    nowMs += 30_000;
    answer = down;
    for (let refusal = 0; refusal < 5; refusal += 1) {
      cache.expire(ref);
      expect(await value()).toBe('first');
    }
    expect(reads).toBe(2);
  });
});

describe('the values read longest ago are evicted', () => {
  async function readAll(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) await cache.get({ ...ref, name: `KEY_${index}` });
  }

  async function isRead(index: number): Promise<boolean> {
    const before = reads;
    await cache.get({ ...ref, name: `KEY_${index}` });
    return reads > before;
  }

  test('above ten thousand entries, many of which may be absent', async () => {
    answer = async () => undefined;
    await readAll(10_001);
    expect([await isRead(10_000), await isRead(0)]).toEqual([false, true]);
  });

  test('above 8 MiB in total', async () => {
    const value = new SecretValue('x'.repeat(65_536));
    answer = async () => ({ value, hosts: [], version: 1 });
    await readAll(129);
    expect([await isRead(128), await isRead(0)]).toEqual([false, true]);
  });
});

describe('after changes may have been missed', () => {
  test('everything is read again', async () => {
    await value();
    answer = async () => secretOf('second');
    cache.expireAll();
    expect(await value()).toBe('second');
  });

  test('known values stay in use while the store is unavailable', async () => {
    await value();
    answer = down;
    cache.expireAll();
    expect(await value()).toBe('first');
  });

  test('the result of an earlier read is not kept', async () => {
    const slow = Promise.withResolvers<Secret>();
    answer = () => slow.promise;
    const early = value();
    cache.expireAll();
    slow.resolve(secretOf('first'));
    await early;
    answer = async () => secretOf('second');
    expect(await value()).toBe('second');
  });
});
