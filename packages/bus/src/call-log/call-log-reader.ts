import { firstAttempt } from '../bus-connection.ts';
import { keys as redisKeys } from '../keys.ts';
import type { NoteOptions } from '../notes/note-kinds.ts';
import { defineScript } from '../redis-script.ts';
import { createCallBatches } from './call-batches.ts';
import { BATCH_OVERHEAD_BYTES } from './call-log-writer.ts';
import type { LoggedCall } from './logged-call.ts';

export type CallLogReader = {
  /**
   * Passes all calls in the stream to `save`, oldest first, and deletes those that were saved. A call may be passed
   * twice, and to several readers at once. Resolves with the number of calls that were lost since the previous
   * collection.
   */
  collect(save: (calls: LoggedCall[]) => Promise<void>): Promise<number>;
  /** The size of the stream. Undefined while Redis does not answer. */
  bytes(): Promise<number | undefined>;
};

const BATCHES_AT_ONCE = 10;

/** KEYS: stream, its size. ARGV: ids. Returns how many calls were dropped for lack of room, and resets that number. */
const FORGET = `
local stream, size = KEYS[1], KEYS[2]
for _, id in ipairs(ARGV) do
  local entry = redis.call('XRANGE', stream, id, id)[1]
  if entry then
    redis.call('XDEL', stream, id)
    redis.call('HINCRBY', size, 'bytes', -(#(entry[2][4] or '') + ${BATCH_OVERHEAD_BYTES}))
  end
end
local lost = redis.call('HGET', size, 'lost')
redis.call('HDEL', size, 'lost')
return tonumber(lost or 0)`;

/** Used by the control plane. */
export async function createCallLogReader({ bus, keys }: NoteOptions): Promise<CallLogReader> {
  const redis = bus.documents;
  const forget = defineScript(redis, 'toolplaneForgetCalls', FORGET);
  const batches = createCallBatches(keys);
  await firstAttempt(redis);
  return {
    async collect(save) {
      let lost = 0;
      for (;;) {
        const entries = await redis.xrange(redisKeys.callLog, '-', '+', 'COUNT', BATCHES_AT_ONCE);
        if (entries.length === 0) return lost;
        const opened = await Promise.all(entries.map(([, fields]) => batches.open(fields[3] ?? '')));
        const calls = opened.flatMap((batch) => batch?.calls ?? []);
        if (calls.length > 0) await save(calls);
        const ids = entries.map(([id]) => id);
        lost += Number(await forget([redisKeys.callLog, redisKeys.callLogSize], ids));
        for (const batch of opened) lost += batch?.lost ?? 0;
      }
    },
    async bytes() {
      try {
        return Number(await redis.hget(redisKeys.callLogSize, 'bytes'));
      } catch {
        return undefined;
      }
    },
  };
}
