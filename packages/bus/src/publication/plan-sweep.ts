import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';

/**
 * How long a plan stays that no manifest names any more: calls, tasks and replays of it may be under way. It is found
 * anew many times within, so one that a sweep took for unnamed while it was being published is found in time.
 */
const UNNAMED_MS = 8 * 24 * 3_600_000;
const AT_ONCE = 500;

/**
 * Gives plans that no manifest names any more an end, and those that one names none. A plan is named by its digest, so
 * every change of a tool leaves one behind. `serverIds` are all that there are, in pages.
 */
export async function sweepPlans(redis: Redis, serverIds: AsyncIterable<string[]>): Promise<void> {
  const named = new Set<string>();
  for await (const ids of serverIds) {
    if (ids.length === 0) continue;
    for (const signed of await redis.mget(ids.map(keys.manifest))) {
      for (const digest of planDigestsOf(signed)) named.add(digest);
    }
  }
  const published = await redis.smembers(keys.plans);
  for (let start = 0; start < published.length; start += AT_ONCE) {
    await sweepSome(redis, published.slice(start, start + AT_ONCE), named);
  }
}

async function sweepSome(redis: Redis, digests: string[], named: ReadonlySet<string>): Promise<void> {
  const asked = redis.pipeline();
  for (const digest of digests) asked.pttl(keys.plan(digest));
  const leftMs = resultsOf<number>(await asked.exec());
  const changes = redis.pipeline();
  for (const [index, digest] of digests.entries()) {
    const [left, isNamed] = [leftMs[index], named.has(digest)];
    if (left === GONE) changes.srem(keys.plans, digest);
    else if (isNamed && left !== ENDLESS) changes.persist(keys.plan(digest));
    else if (!isNamed && left === ENDLESS) changes.pexpire(keys.plan(digest), UNNAMED_MS);
  }
  resultsOf(await changes.exec());
}

/** Of `PTTL`. */
const [ENDLESS, GONE] = [-1, -2];

function resultsOf<Result>(answers: [Error | null, unknown][] | null): Result[] {
  return (answers ?? []).map(([error, result]) => {
    if (error !== null) throw error;
    return result as Result;
  });
}

/** The signature is not checked: whoever can write a manifest can delete plans as well. */
function planDigestsOf(signed: string | null): string[] {
  const payload = Buffer.from(signed?.split('.')[1] ?? '', 'base64url').toString();
  return Array.from(payload.matchAll(/"planDigest":"([^"]+)"/g), ([, digest = '']) => digest);
}
