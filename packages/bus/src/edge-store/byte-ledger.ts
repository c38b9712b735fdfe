import { AppError } from '@toolplane/contracts';
import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';
import { defineScript } from '../redis-script.ts';
import { hashOfId } from './place-cipher.ts';

/** Whose bytes something is, and whether it may be refused because they are too many. */
export type ByteAccount = { organizationId: string; isRefusable: boolean };

/** Smaller records may use twice the budget: what says only that a call runs or has run finds room for longer. */
const SMALL_BYTES_MAX = 4096;

/** After its last change. Nothing that it counts is kept for longer: sessions are kept for 7 days. */
const LEDGER_MS = 8 * 24 * 3600 * 1000;

/**
 * A ledger is a hash: the bytes that an organization has in Redis, by the ten minutes in which they expire. So nothing
 * has to be counted when they do. `held` is what is there now.
 */
export const LEDGER = `
local clock = redis.call('TIME')
local nowMs = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function bucketOf(ms) return math.floor((nowMs + ms) / 600000) + 1 end
local function held(ledger)
  local bytes, entries = 0, redis.call('HGETALL', ledger)
  for i = 1, #entries, 2 do
    if tonumber(entries[i]) <= nowMs / 600000 then redis.call('HDEL', ledger, entries[i])
    else bytes = bytes + math.max(0, tonumber(entries[i + 1])) end
  end
  return bytes
end
local function charge(ledger, bytes, ms)
  -- Lua knows -0, which Redis does not take for an integer.
  if not ledger or bytes == 0 then return end
  redis.call('HINCRBY', ledger, string.format('%d', bucketOf(ms)), bytes)
  redis.call('PEXPIRE', ledger, ${LEDGER_MS})
end
local function isOver(ledger, bytes, growth, budget)
  if not ledger or budget == '' or growth <= 0 then return false end
  local max = tonumber(budget)
  if bytes <= ${SMALL_BYTES_MAX} then max = 2 * max end
  return held(ledger) + growth > max
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
    /** For what others have written. */
    async chargeBytes(organizationId: string, bytes: number, ttlMs: number): Promise<void> {
      await charge([keyOf({ organizationId })], [bytes, ttlMs]);
    },
  };
}

export type ByteLedger = ReturnType<typeof createByteLedger>;
