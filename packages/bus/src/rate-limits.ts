import { type BusConnection, firstAttempt } from './bus-connection.ts';
import { holdWritesByTick } from './hold-writes.ts';
import { hashOfId, type InPool, keys } from './keys.ts';
import { createMicroBatch } from './micro-batch.ts';
import { orUnavailable } from './queue-unavailable.ts';
import { defineScript } from './redis-script.ts';

/** No interval of this length ever contains more than `limit` of what is counted under the key. */
export type RateWindow = { key: string; limit: number; intervalMs: number };

/** Sliding windows that all processes of a service share. */
export type RateLimits = {
  /**
   * Resolves with 0 if one was counted in every window, otherwise with the milliseconds until all windows may have
   * room; then nothing was counted. Rejects with `queue_unavailable` if Redis does not answer.
   */
  take(windows: readonly RateWindow[]): Promise<number>;
};

/**
 * The maximum number of blocks in a window, about 15 bytes each. Windows with a limit up to this are exact to the
 * millisecond.
 */
const BLOCKS_MAX = 10_000;

/**
 * A window is a list: for each block, oldest first, the time of its last take and the number of its takes; then the
 * takes of all blocks together. Takes in the same grain of time form one block, which expires only when its last take
 * must: a coarse grain can only let less through. Each take drops two blocks at most, so no take is slow and no window
 * holds many expired blocks. Uses the clock of Redis, so that processes need not agree on the time.
 *
 * KEYS: the windows of each request, one request after the other
 * ARGV: number of requests, number of windows of each, then limit, milliseconds and grain of each window
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local requests = tonumber(ARGV[1])

local function windowAt(at)
  local arg = 2 + requests + 3 * (at - 1)
  return KEYS[at], tonumber(ARGV[arg]), tonumber(ARGV[arg + 1]), tonumber(ARGV[arg + 2])
end

local function waitFor(window, limit, interval)
  local taken = tonumber(redis.call('LINDEX', window, -1) or 0)
  local oldest, dropped = tonumber(redis.call('LINDEX', window, 0)), 0
  while taken > 0 and now - oldest > interval and (dropped < 2 or taken >= limit) do
    taken = taken - redis.call('LPOP', window, 2)[2]
    dropped = dropped + 1
    oldest = tonumber(redis.call('LINDEX', window, 0))
  end
  if dropped > 0 then redis.call('LSET', window, -1, taken) end
  if taken < limit then return 0 end
  return oldest + interval + 1 - now
end

local function take(window, interval, grain)
  local taken = tonumber(redis.call('RPOP', window) or 0)
  local last = tonumber(redis.call('LINDEX', window, -2) or 0)
  if math.floor(last / grain) == math.floor(now / grain) then
    local count = redis.call('RPOP', window, 2)[1]
    redis.call('RPUSH', window, now, count + 1, taken + 1)
  else
    redis.call('RPUSH', window, now, 1, taken + 1)
  end
  redis.call('PEXPIRE', window, interval + 1)
end

local waits, first = {}, 1
for i = 1, requests do
  local last = first + ARGV[1 + i] - 1
  waits[i] = 0
  for at = first, last do
    local window, limit, interval = windowAt(at)
    waits[i] = math.max(waits[i], waitFor(window, limit, interval))
  end
  for at = first, waits[i] == 0 and last or 0 do
    local window, _, interval, grain = windowAt(at)
    take(window, interval, grain)
  end
  first = last + 1
end
return waits`;

/** What is counted: requests of connectors by the data plane, calls by the edges. */
export type RateSubject = 'requests' | 'calls';

/** Resolves when Redis answered or failed for the first time. */
export async function createRateLimits({
  bus,
  of = 'requests',
  pool,
}: {
  bus: BusConnection;
  of?: RateSubject;
} & InPool): Promise<RateLimits> {
  const redis = bus.commands;
  const toKey = of === 'requests' ? (hash: string) => keys.rate(hash, pool) : keys.policyRate;
  const script = defineScript(redis, 'toolplaneTakeRates', TAKE);
  const take = createMicroBatch<readonly RateWindow[], number>(holdWritesByTick(redis), async (requests) => {
    const windows = requests.flat();
    const waits = await script(
      windows.map((window) => toKey(hashOf(window))),
      [
        requests.length,
        ...requests.map(({ length }) => length),
        ...windows.flatMap(({ limit, intervalMs }) => [limit, intervalMs, grainMs(limit, intervalMs)]),
      ],
    );
    return waits as number[];
  });
  await firstAttempt(redis);
  return { take: async (windows) => (windows.length === 0 ? 0 : orUnavailable(take(windows))) };
}

/** The limit is not part of the name, so that earlier takes still count after it is changed. */
function hashOf({ key, intervalMs }: RateWindow): string {
  return hashOfId(JSON.stringify([key, intervalMs]));
}

function grainMs(limit: number, intervalMs: number): number {
  return limit <= BLOCKS_MAX ? 1 : Math.ceil(intervalMs / BLOCKS_MAX);
}
