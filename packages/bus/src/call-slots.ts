import { randomUUID } from 'node:crypto';
import { type BusConnection, firstAttempt } from './bus-connection.ts';
import { hashOfId, keys } from './keys.ts';
import { orUnavailable } from './queue-unavailable.ts';
import { defineScript } from './redis-script.ts';

/** One of the `max` slots that are counted under the key, held for `holdMs` at most. */
export type WantedPlace = { key: string; max: number; holdMs: number };

/** The slots that one call holds. Any process that has this object can return them. */
export type TakenSlots = { holder: string; names: string[] };

/** Limits how many calls run at the same time, at all edges together. */
export type CallSlots = {
  /**
   * Takes one slot under each key; the caller must return them. Resolves with undefined, without having taken any, if
   * one of the keys has no free slot. Slots expire, so that those of an edge that died are not lost. Rejects with
   * `queue_unavailable` if Redis does not answer.
   */
  take(places: readonly WantedPlace[]): Promise<TakenSlots | undefined>;
  giveBack(taken: TakenSlots): void;
};

/**
 * Uses the clock of Redis, so that edges need not agree on the time.
 *
 * KEYS: the slots under each key. ARGV: holder, then maximum and milliseconds for each key.
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

/** KEYS: the slots under each key. ARGV: holder. */
const GIVE_BACK = `
for i = 1, #KEYS do redis.call('ZREM', KEYS[i], ARGV[1]) end
return 1`;

/** Resolves when Redis answered or failed for the first time. */
export async function createCallSlots({ bus }: { bus: BusConnection }): Promise<CallSlots> {
  const redis = bus.commands;
  const take = defineScript(redis, 'toolplaneTakePlaces', TAKE);
  const leave = defineScript(redis, 'toolplaneGiveBackPlaces', GIVE_BACK);
  await firstAttempt(redis);
  // A slot that cannot be returned expires, and so does one that Redis granted but whose answer was lost.
  function giveBack({ holder, names }: TakenSlots): void {
    if (names.length > 0) leave(names, [holder]).catch(() => undefined);
  }

  return {
    giveBack,
    async take(places) {
      const holder = randomUUID();
      if (places.length === 0) return { holder, names: [] };
      const names = places.map(({ key }) => keys.policyPlaces(hashOfId(key)));
      const wanted = places.flatMap(({ max, holdMs }) => [max, Math.ceil(holdMs)]);
      try {
        return (await orUnavailable(take(names, [holder, ...wanted]))) === 1 ? { holder, names } : undefined;
      } catch (thrown) {
        giveBack({ holder, names });
        throw thrown;
      }
    },
  };
}
