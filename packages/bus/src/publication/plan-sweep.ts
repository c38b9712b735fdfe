import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';

/**
 * How long a plan is kept after no manifest names it: its calls, tasks and replays may be in progress. Many sweeps
 * happen within this time, so if one of them considers a plan unnamed while it is being published, a later one finds it
 * named in time.
 */
const UNNAMED_MS = 8 * 24 * 3_600_000;
const PLANS_AT_ONCE = 500;
/** Manifests can be large, and Redis serves calls at the same time. */
const MANIFESTS_AT_ONCE = 20;

/**
 * Sets an expiry for plans that no manifest names, and removes the expiry of those that one names. A plan is named by
 * its digest, so every change of a tool leaves a plan behind. The ids are those of all servers and workspaces, in
 * pages: the catalogue of a workspace contains the manifests of the servers that are lent to it.
 */
export async function sweepPlans(
  redis: Redis,
  serverIds: AsyncIterable<string[]>,
  workspaceIds: AsyncIterable<string[]>,
): Promise<void> {
  const named = new Set<string>();
  const readNamed = async (allIds: AsyncIterable<string[]>, toKey: (id: string) => string) => {
    for await (const ids of allIds) {
      for (let start = 0; start < ids.length; start += MANIFESTS_AT_ONCE) {
        const documents = await redis.mget(ids.slice(start, start + MANIFESTS_AT_ONCE).map(toKey));
        for (const digest of documents.flatMap(planDigestsOf)) named.add(digest);
      }
    }
  };
  await readNamed(serverIds, keys.manifest);
  await readNamed(workspaceIds, keys.catalogue);
  const published = await redis.smembers(keys.plans);
  for (let start = 0; start < published.length; start += PLANS_AT_ONCE) {
    await sweepSome(redis, published.slice(start, start + PLANS_AT_ONCE), named);
  }
}

/** Uses only commands that need no right to read plans. */
async function sweepSome(redis: Redis, digests: string[], named: ReadonlySet<string>): Promise<void> {
  const asked = redis.pipeline();
  for (const digest of digests) {
    const key = keys.plan(digest);
    asked.exists(key);
    if (named.has(digest)) asked.persist(key);
    // An existing expiry is not changed.
    else asked.pexpire(key, UNNAMED_MS, 'NX');
  }
  const answers = resultsOf<number>(await asked.exec());
  const gone = digests.filter((_digest, index) => answers[2 * index] === 0);
  if (gone.length > 0) await redis.srem(keys.plans, ...gone);
}

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
