import type { Redis } from 'ioredis';
import type { HoldWrites } from '../hold-writes.ts';
import { keys } from '../keys.ts';
import { createMicroBatch } from '../micro-batch.ts';
import { defineScript } from '../redis-script.ts';
import { leaseId, SHARE_OF_FREE } from './share.ts';

/**
 * A lease without a call is returned after one to two of these intervals; until then, the tenant's next call takes it
 * over.
 */
const IDLE_MS = 10;
/** Leases run this much longer than their first call, so that later calls can take them over. */
const SPARE_MS = 2000;
/** Keys without leases disappear; this expiry is for a caller that dies. It is longer than any lease. */
const KEY_MS = 600_000;

/**
 * Takes leases back and then grants leases in one step, so that a burst cannot exceed a limit between check and grant.
 * Uses the clock of Redis, so that callers need not agree on the time. An organization that has leases is refused
 * because of its own limit, even if no lease is free (`mayHave` in share.ts): only an organization without leases is
 * told that the queue is full.
 *
 * KEYS: all leases, then leases of the tenant and of the organization of each return, and of each request
 * ARGV: limits of a tenant, of an organization and in total, number of returns, id of each return, then id,
 * milliseconds and weight of each request
 */
const EXCHANGE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local tenantMax, organizationMax, totalMax = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local returns = tonumber(ARGV[4])
for i = 1, returns do
  for _, key in ipairs({ KEYS[1], KEYS[2 * i], KEYS[2 * i + 1] }) do redis.call('ZREM', key, ARGV[4 + i]) end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local total = redis.call('ZCARD', KEYS[1])
local answers = {}
for i = 1, (#KEYS - 1) / 2 - returns do
  local tenant, organization = KEYS[2 * (returns + i)], KEYS[2 * (returns + i) + 1]
  local at = 4 + returns + 3 * (i - 1)
  local id, ms, weight = ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  redis.call('ZREMRANGEBYSCORE', tenant, '-inf', now)
  redis.call('ZREMRANGEBYSCORE', organization, '-inf', now)
  local held, free = redis.call('ZCARD', organization), totalMax - total
  if redis.call('ZCARD', tenant) >= tenantMax then
    answers[i] = 'tenant_busy'
  elseif held > 0 and (held >= organizationMax or held + 1 > ${SHARE_OF_FREE} * weight * (free - 1)) then
    answers[i] = 'organization_busy'
  elseif free < 1 then
    answers[i] = 'queue_full'
  else
    total = total + 1
    answers[i] = 'granted'
    for _, key in ipairs({ KEYS[1], tenant, organization }) do
      redis.call('ZADD', key, now + ms, id)
      redis.call('PEXPIRE', key, ${KEY_MS})
    end
  end
end
return answers`;

export type AdmissionRefusal = 'tenant_busy' | 'organization_busy' | 'queue_full';

/** The right to have one call in progress. It counts against its tenant, its organization and the total. */
export type Lease = {
  readonly id: string;
  readonly tenant: string;
  readonly organization: string;
  /** The weight of the organization in comparison to others. */
  readonly weight: number;
  readonly expiresAt: number;
};

export type Admission = {
  /**
   * Resolves with a lease that runs at least until `until`, or with the reason why none is granted. Rejects if Redis
   * does not answer.
   */
  acquire(request: {
    callId: string;
    tenant: string;
    organization: string;
    until: number;
  }): Promise<Lease | AdmissionRefusal>;
  /** Passes the lease to the next call of its tenant. It must be certain that the lease still counts. */
  release(lease: Lease): void;
  /** Returns the lease to Redis. It must not be used again. */
  giveBack(lease: Lease): void;
  /** Returns all remaining leases. */
  close(): Promise<void>;
};

export function createAdmission(
  redis: Redis,
  holdWrites: HoldWrites,
  {
    queue,
    tenantMax,
    organizationMax,
    totalMax,
    weightOf,
  }: {
    queue: string;
    tenantMax: number;
    organizationMax: number;
    totalMax: number;
    weightOf: (organization: string) => number;
  },
): Admission {
  const script = defineScript(redis, 'toolplaneLeases', EXCHANGE);
  /** Idle leases by tenant, the latest last. */
  const idle = new Map<string, { lease: Lease; isStale: boolean }[]>();
  let returns: Lease[] = [];
  let timer: NodeJS.Timeout | undefined;

  async function exchange(requests: Lease[]): Promise<(AdmissionRefusal | 'granted')[]> {
    const returning = returns;
    returns = [];
    const now = Date.now();
    const leasesOf = ({ tenant, organization }: Lease) => [
      keys.tenantLeases(queue, tenant),
      keys.organizationLeases(queue, organization),
    ];
    try {
      const answers = await script(
        [keys.totalLeases(queue), ...returning.flatMap(leasesOf), ...requests.flatMap(leasesOf)],
        [
          tenantMax,
          organizationMax,
          totalMax,
          returning.length,
          ...returning.map(({ id }) => id),
          ...requests.flatMap(({ id, expiresAt, weight }) => [id, expiresAt - now, weight]),
        ],
      );
      return answers as (AdmissionRefusal | 'granted')[];
    } catch (error) {
      // Redis may have executed the script without answering, or may execute it later.
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
    // While Redis is unavailable, the returns wait; most of the leases have expired when it is back.
    if (returns.length > 0 && redis.status === 'ready') void exchange([]).catch(() => {});
    if (idle.size > 0) sweepLater();
  }

  redis.on('ready', sweepLater);
  const ask = createMicroBatch(holdWrites, exchange);

  return {
    async acquire({ callId, tenant, organization, until }) {
      const waiting = idle.get(tenant)?.pop()?.lease;
      if (waiting !== undefined) {
        if (waiting.expiresAt >= until) return waiting;
        returns.push(waiting);
      }
      const id = leaseId(organization, callId);
      const lease = { id, tenant, organization, weight: weightOf(organization), expiresAt: until + SPARE_MS };
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
    giveBack(lease) {
      returns.push(lease);
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
