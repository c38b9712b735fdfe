import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { keys } from '../keys.ts';
import { createMicroBatch } from '../micro-batch.ts';
import { defineScript } from '../redis-script.ts';

/**
 * A lease without a call is returned after once to twice this time; until then the tenant's next call takes it over.
 */
const IDLE_MS = 10;
/** Leases run this much longer than their first call, so that later calls can take them over. */
const SPARE_MS = 2000;
/** Keys without leases vanish; this is for a caller that dies. Longer than any lease. */
const KEY_MS = 600_000;

/**
 * Takes leases back, then grants, as one step: a burst cannot pass a limit that is only looked at. The clock is
 * Redis's own, so callers need not agree on the time.
 *
 * KEYS: all leases, leases of the tenant of each return, leases of the tenant of each request
 * ARGV: tenant limit, total limit, number of returns, id of each return, then id and milliseconds of each request
 */
const EXCHANGE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local tenantMax, totalMax, returns = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 1, returns do
  redis.call('ZREM', KEYS[1], ARGV[3 + i])
  redis.call('ZREM', KEYS[1 + i], ARGV[3 + i])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local total = redis.call('ZCARD', KEYS[1])
local answers = {}
for i = 1, #KEYS - 1 - returns do
  local tenant = KEYS[1 + returns + i]
  local id, ms = ARGV[2 + returns + 2 * i], tonumber(ARGV[3 + returns + 2 * i])
  redis.call('ZREMRANGEBYSCORE', tenant, '-inf', now)
  if redis.call('ZCARD', tenant) >= tenantMax then
    answers[i] = 'tenant_busy'
  elseif total >= totalMax then
    answers[i] = 'queue_full'
  else
    total = total + 1
    answers[i] = 'granted'
    redis.call('ZADD', tenant, now + ms, id)
    redis.call('PEXPIRE', tenant, ${KEY_MS})
    redis.call('ZADD', KEYS[1], now + ms, id)
    redis.call('PEXPIRE', KEYS[1], ${KEY_MS})
  end
end
return answers`;

export type Refusal = 'tenant_busy' | 'queue_full';

/** The right to one call under way: it counts against its tenant and against all. */
export type Lease = { readonly id: string; readonly tenant: string; readonly expiresAt: number };

export type Admission = {
  /** A lease that runs at least to `until`, or why there is none. Rejects when Redis does not say. */
  acquire(request: { id: string; tenant: string; until: number }): Promise<Lease | Refusal>;
  release(lease: Lease): void;
  /** Returns what is left. */
  close(): Promise<void>;
};

export function createAdmission(
  redis: Redis,
  holdWrites: HoldWrites,
  { queue, tenantMax, totalMax }: { queue: string; tenantMax: number; totalMax: number },
): Admission {
  const script = defineScript(redis, 'toolplaneLeases', EXCHANGE);
  /** Per tenant, the latest last. */
  const idle = new Map<string, { lease: Lease; isStale: boolean }[]>();
  let returns: Lease[] = [];
  let timer: NodeJS.Timeout | undefined;

  async function exchange(requests: Lease[]): Promise<(Refusal | 'granted')[]> {
    const returning = returns;
    returns = [];
    const now = Date.now();
    const leasesOf = ({ tenant }: Lease) => keys.tenantLeases(queue, tenant);
    try {
      const answers = await script(
        [keys.totalLeases(queue), ...returning.map(leasesOf), ...requests.map(leasesOf)],
        [
          tenantMax,
          totalMax,
          returning.length,
          ...returning.map(({ id }) => id),
          ...requests.flatMap(({ id, expiresAt }) => [id, expiresAt - now]),
        ],
      );
      return answers as (Refusal | 'granted')[];
    } catch (error) {
      // Redis may have done it without answering, or may do it once it wakes up.
      returns.push(...returning, ...requests);
      sweepLater();
      throw error;
    }
  }

  function sweepLater(): void {
    timer ??= setTimeout(sweep, IDLE_MS);
  }

  function sweep(): void {
    timer = undefined;
    for (const [tenant, entries] of idle) {
      returns.push(...entries.filter(({ isStale }) => isStale).map(({ lease }) => lease));
      const kept = entries.filter(({ isStale }) => !isStale);
      for (const entry of kept) entry.isStale = true;
      if (kept.length > 0) idle.set(tenant, kept);
      else idle.delete(tenant);
    }
    // While Redis is away they wait for it; by then most have run out.
    if (returns.length > 0 && redis.status === 'ready') void exchange([]).catch(() => {});
    if (idle.size > 0) sweepLater();
  }

  redis.on('ready', sweepLater);
  const ask = createMicroBatch(holdWrites, exchange);

  return {
    async acquire({ id, tenant, until }) {
      const waiting = idle.get(tenant)?.pop()?.lease;
      if (waiting !== undefined) {
        if (waiting.expiresAt >= until) return waiting;
        returns.push(waiting);
      }
      const lease = { id, tenant, expiresAt: until + SPARE_MS };
      const answer = await ask(lease);
      return answer === 'granted' ? lease : answer;
    },
    release(lease) {
      const entry = { lease, isStale: false };
      const entries = idle.get(lease.tenant);
      if (entries === undefined) idle.set(lease.tenant, [entry]);
      else entries.push(entry);
      sweepLater();
    },
    async close() {
      for (const entries of idle.values()) returns.push(...entries.map(({ lease }) => lease));
      idle.clear();
      if (returns.length > 0 && redis.status === 'ready') await exchange([]).catch(() => {});
      clearTimeout(timer);
    },
  };
}
