import { AppError } from '@toolplane/contracts';
import type { Redis } from 'ioredis';
import { hashOfId, keys } from '../keys.ts';
import { defineScript } from '../redis-script.ts';

/** The organization that stored bytes count for, and whether storing more may be refused when these are too many. */
export type ByteAccount = { organizationId: string; isRefusable: boolean };

/**
 * Smaller records may use twice the budget, so that records that only say that a call runs or has run find room for
 * longer.
 */
const SMALL_BYTES_MAX = 4096;

/** How long a ledger is kept after its last change. What it counts is kept for at most 7 days, like sessions. */
const LEDGER_MS = 8 * 24 * 3600 * 1000;

/**
 * A ledger is a hash: the bytes that an organization has in Redis, by the ten-minute interval in which they expire. So
 * nothing needs to be counted when they expire: `held` subtracts what has expired since then from the sum (`all`),
 * beginning with the first interval that the sum still contains (`from`).
 */
export const LEDGER = `
local clock = redis.call('TIME')
local nowMs = clock[1] * 1000 + math.floor(clock[2] / 1000)
local current = math.floor(nowMs / 600000)
local function held(ledger)
  local all, from = unpack(redis.call('HMGET', ledger, 'all', 'from'))
  all, from = tonumber(all or 0), tonumber(from or current + 1)
  if from > current then return all end
  if current - from > ${LEDGER_MS / 600_000} then
    redis.call('DEL', ledger)
    return 0
  end
  for bucket = from, current do
    all = all - (redis.call('HGET', ledger, bucket) or 0)
    redis.call('HDEL', ledger, bucket)
  end
  redis.call('HSET', ledger, 'all', all, 'from', current + 1)
  return all
end
local function charge(ledger, bytes, ms)
  -- Lua knows -0, which Redis does not take for an integer.
  if not ledger or bytes == 0 then return end
  redis.call('HSET', ledger, 'all', held(ledger) + bytes, 'from', current + 1)
  redis.call('HINCRBY', ledger, math.floor((nowMs + ms) / 600000) + 1, bytes)
  redis.call('PEXPIRE', ledger, ${LEDGER_MS})
end
local function isOver(ledger, bytes, growth, budget)
  if not ledger or budget == '' or growth <= 0 then return false end
  local max = tonumber(budget)
  if bytes <= ${SMALL_BYTES_MAX} then max = 2 * max end
  return math.max(held(ledger), 0) + growth > max
end`;

/** KEYS: ledger. ARGV: bytes, milliseconds. */
const CHARGE = `${LEDGER}
charge(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))`;

export function createByteLedger(redis: Redis, bytesMax: number) {
  const charge = defineScript(redis, 'toolplaneChargeBytes', CHARGE);
  const keyOf = ({ organizationId }: Pick<ByteAccount, 'organizationId'>) => keys.bytes(hashOfId(organizationId));
  return {
    /** The key and the budget for a script that includes `LEDGER`. */
    keysOf: (account: ByteAccount | undefined): string[] => (account === undefined ? [] : [keyOf(account)]),
    budgetOf: (account: ByteAccount | undefined): number | '' => (account?.isRefusable ? bytesMax : ''),
    refuse(): never {
      const mebibytes = Math.floor(bytesMax / 2 ** 20);
      throw new AppError(
        'tenant_busy',
        `The organization already keeps ${mebibytes} MiB of tasks, results and streams; wait until some expire`,
      );
    },
    /** Counts bytes that others have written. */
    async chargeBytes(organizationId: string, bytes: number, ttlMs: number): Promise<void> {
      await charge([keyOf({ organizationId })], [bytes, ttlMs]);
    },
  };
}

export type ByteLedger = ReturnType<typeof createByteLedger>;
