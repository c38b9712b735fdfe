import { setImmediate as afterThisTurn, setInterval as repeatEvery } from 'node:timers';
import { firstAttempt } from '../bus-connection.ts';
import { keys as redisKeys } from '../keys.ts';
import type { NoteOptions } from '../notes/note-kinds.ts';
import { defineScript } from '../redis-script.ts';
import { CALLS_PER_BATCH_MAX, createCallBatches } from './call-batches.ts';
import type { LoggedCall } from './logged-call.ts';

export type CallLogWriter = {
  /** Costs next to nothing: the call is written within about a second, or once Redis is back. */
  note(call: LoggedCall): void;
  /** Writes the pending calls. Closing the bus does so, too. */
  flush(): Promise<void>;
};

const FLUSH_MS = 1000;
/**
 * The maximum number of calls kept in memory while Redis is unavailable. Further ones are counted and reported as lost.
 */
const REMEMBERED_MAX = 20_000;
/**
 * The maximum size of all batches in Redis: about 800,000 calls. Beyond that, the oldest ones are dropped, counted and
 * reported.
 */
const STREAM_BYTES_MAX = 64 << 20;
/** The bytes that Redis needs for a batch in addition to its text. */
export const BATCH_OVERHEAD_BYTES = 100;

/** KEYS: stream, its size. ARGV: sealed batch, number of calls, maximum bytes of the stream. */
const APPEND = `
local stream, size = KEYS[1], KEYS[2]
if redis.call('XLEN', stream) == 0 then redis.call('HSET', size, 'bytes', 0) end
redis.call('XADD', stream, '*', 'calls', ARGV[2], 'sealed', ARGV[1])
local bytes = redis.call('HINCRBY', size, 'bytes', #ARGV[1] + ${BATCH_OVERHEAD_BYTES})
while bytes > tonumber(ARGV[3]) and redis.call('XLEN', stream) > 1 do
  local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  redis.call('XDEL', stream, oldest[1])
  bytes = redis.call('HINCRBY', size, 'bytes', -(#(oldest[2][4] or '') + ${BATCH_OVERHEAD_BYTES}))
  redis.call('HINCRBY', size, 'lost', tonumber(oldest[2][2]) or 0)
end`;

/** Used by the edge. */
export async function createCallLogWriter({
  bus,
  keys,
  flushMs = FLUSH_MS,
  rememberedMax = REMEMBERED_MAX,
  streamBytesMax = STREAM_BYTES_MAX,
}: NoteOptions & { flushMs?: number; rememberedMax?: number; streamBytesMax?: number }): Promise<CallLogWriter> {
  const redis = bus.documents;
  const append = defineScript(redis, 'toolplaneAppendCalls', APPEND);
  const batches = createCallBatches(keys);
  let noted: LoggedCall[] = [];
  let lost = 0;
  let writing = Promise.resolve();

  /** A batch that may or may not have been written is written again: the log adds each call only once. */
  async function write(): Promise<void> {
    while (noted.length > 0) {
      const batch = { calls: noted.slice(0, CALLS_PER_BATCH_MAX), lost };
      noted = noted.slice(batch.calls.length);
      lost = 0;
      try {
        const sealed = await batches.seal(batch);
        await append([redisKeys.callLog, redisKeys.callLogSize], [sealed, batch.calls.length, streamBytesMax]);
      } catch {
        noted = [...batch.calls, ...noted];
        lost += batch.lost;
        return;
      }
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(write);
    return writing;
  }

  const timer = repeatEvery(() => void flush(), flushMs).unref();
  bus.onClose(() => {
    clearInterval(timer);
    return flush();
  });
  await firstAttempt(redis);
  return {
    flush,
    note(call) {
      if (noted.length >= rememberedMax) {
        lost += 1;
        return;
      }
      noted.push(call);
      if (noted.length === CALLS_PER_BATCH_MAX) afterThisTurn(() => void flush());
    },
  };
}
