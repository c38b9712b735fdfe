import { hash, randomUUID } from 'node:crypto';
import { keys } from './keys.ts';
import { orUnavailable } from './queue-unavailable.ts';
import { connectFailingFast, firstAttempt } from './redis-connection.ts';
import { defineScript } from './redis-script.ts';

/** One of the `max` places of what is counted under the key, held for `holdMs` at most. */
export type WantedPlace = { key: string; max: number; holdMs: number };

/** Places that one call holds; whoever has this can give them back, in whatever process. */
export type TakenPlaces = { holder: string; names: string[] };

/** How many calls may run at the same time, at all edges together. */
export type CallPlaces = {
  /**
   * A place in each of them, to be given back; undefined, with none taken, if one is full. A place expires, so
   * that a place of an edge that died is not lost. Rejects with `queue_unavailable` when Redis does not say.
   */
  take(places: readonly WantedPlace[]): Promise<TakenPlaces | undefined>;
  giveBack(taken: TakenPlaces): void;
  close(): Promise<void>;
};

/**
 * The clock is Redis's own, so edges need not agree on the time.
 *
 * KEYS: places. ARGV: holder, then max and milliseconds of each.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 1, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  if redis.call('ZCARD', KEYS[i]) >= tonumber(ARGV[2 * i]) then return 0 end
end
for i = 1, #KEYS do
  local ms = tonumber(ARGV[2 * i + 1])
  redis.call('ZADD', KEYS[i], now + ms, ARGV[1])
  if redis.call('PTTL', KEYS[i]) < ms then redis.call('PEXPIRE', KEYS[i], ms) end
end
return 1`;

/** KEYS: places. ARGV: holder. */
const GIVE_BACK = `
for i = 1, #KEYS do redis.call('ZREM', KEYS[i], ARGV[1]) end
return 1`;

/** Resolves when Redis answered or failed for the first time. */
export async function createCallPlaces({ redisUrl }: { redisUrl: string }): Promise<CallPlaces> {
  const redis = connectFailingFast(redisUrl, 'call-places');
  const take = defineScript(redis, 'toolplaneTakePlaces', TAKE);
  const leave = defineScript(redis, 'toolplaneGiveBackPlaces', GIVE_BACK);
  await firstAttempt(redis, new Promise((resolve) => redis.once('ready', resolve)));
  // One that cannot be given back expires; so does one that Redis granted without its answer arriving.
  function giveBack({ holder, names }: TakenPlaces): void {
    if (names.length > 0) leave(names, [holder]).catch(() => undefined);
  }

  return {
    giveBack,
    async take(places) {
      const holder = randomUUID();
      if (places.length === 0) return { holder, names: [] };
      const names = places.map(({ key }) => keys.policyPlaces(hash('sha256', key, 'base64url')));
      const wanted = places.flatMap(({ max, holdMs }) => [max, Math.ceil(holdMs)]);
      try {
        return (await orUnavailable(take(names, [holder, ...wanted]))) === 1 ? { holder, names } : undefined;
      } catch (thrown) {
        giveBack({ holder, names });
        throw thrown;
      }
    },
    async close() {
      redis.disconnect();
    },
  };
}
