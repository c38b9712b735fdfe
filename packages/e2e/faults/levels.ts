import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readMetric } from './health.ts';
import type { Level } from './journal.ts';
import type { Stage } from './stage.ts';

/**
 * V8 uses up to three times the size of its young generation (64 MiB) while it is busy, and releases it only after a
 * while.
 */
const GROWTH_MIB_MAX = 256;
const KEYS_MORE_MAX = 20;
const POLL_MS = 500;
/** A job whose worker was lost is detected after its lock (10 s) has expired. */
const EMPTY_MS_MAX = 30_000;

/** Keys that a deployment, a revocation or a rotation adds on purpose. */
const publishedKeys = /^tp:(plan|api-key|manifest|slug|catalogue):/;

type Reading = Omit<Level, 'before' | 'after' | 'allowed'> & { value: number; more: number };

export async function readLevels(stage: Stage): Promise<Reading[]> {
  const services = [...stage.edges, ...stage.dataPlanes, stage.controlPlane];
  const memory = services.map(({ name, pid }) => ({
    what: `memory of ${name}`,
    unit: 'MiB',
    value: residentMib(pid()),
    more: GROWTH_MIB_MAX,
  }));
  const keys = await stage.askRedis(async (redis) => {
    let lasting = 0;
    for await (const page of redis.scanStream({ count: 500 }) as AsyncIterable<string[]>) {
      const own = page.filter((key) => !publishedKeys.test(key));
      const ages = await Promise.all(own.map((key) => redis.ttl(key)));
      lasting += ages.filter((ttl) => ttl === -1).length;
    }
    return lasting;
  });
  return [...memory, { what: 'keys in Redis that never expire', unit: 'keys', value: keys, more: KEYS_MORE_MAX }];
}

/** `after` is read when all calls have ended, so that leases and jobs are gone. */
export function compareLevels(before: readonly Reading[], after: readonly Reading[]): Level[] {
  return after.map(({ what, unit, value, more }) => {
    const base = before.find((reading) => reading.what === what)?.value ?? 0;
    return { what, unit, before: base, after: value, allowed: base + more };
  });
}

/** Reads leases and jobs until they are gone, because calls that have ended must not hold any. */
export async function readLeftovers(stage: Stage): Promise<Level[]> {
  const metrics = { 'leases of calls': 'toolplane_leases_in_use', 'jobs in the queue': 'toolplane_queue_jobs' };
  return Promise.all(
    Object.entries(metrics).map(async ([what, metric]) => {
      let after = await readMetric(stage, metric);
      for (let waited = 0; after > 0 && waited < EMPTY_MS_MAX; waited += POLL_MS) {
        await delay(POLL_MS);
        after = await readMetric(stage, metric);
      }
      return { what, unit: '', before: 0, after, allowed: 0 };
    }),
  );
}

/** The resident memory of a process; 0 if it has ended. */
function residentMib(pid: number): number {
  const file = `/proc/${pid}/status`;
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(existsSync(file) ? readFileSync(file, 'utf8') : '') ?? [];
  return Math.round(Number(kib) / 1024);
}
