import { setInterval as repeatEvery } from 'node:timers';
import { type BusConnection, firstAttempt, onReady } from '../bus-connection.ts';
import { keys } from '../keys.ts';
import { defineScript } from '../redis-script.ts';
import type { ProcessStatus } from './process-status.ts';

const HEARTBEAT_MS = 5000;
/** A process whose clock is wrong checks it this often, because it is not ready until the clock is right again. */
const CLOCK_CHECK_MS = 1000;
/** Longer than any heartbeat counts. When all processes are gone, the hash expires. */
const KEPT_MS = 60_000;

/**
 * KEYS: the hash. ARGV: id, status, milliseconds. Uses the clock of Redis, so that processes need not agree on the
 * time. Returns that time: seconds and microseconds.
 */
const BEAT = `
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], ARGV[1], time[1] .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return time`;

/**
 * Regularly reports the state of this process for people who monitor the fleet. Anybody who can write to Redis can
 * forge it, so no decision depends on it.
 */
export type Heartbeat = {
  /** Reports at once that the process is gone. */
  close(): Promise<void>;
};

/** Resolves when Redis answered or failed for the first time. */
export async function startHeartbeat({
  bus,
  describe,
  onClock = () => true,
  everyMs = HEARTBEAT_MS,
  now = Date.now,
}: {
  bus: BusConnection;
  /** Describes one process, always the same. */
  describe: () => Promise<ProcessStatus>;
  /**
   * Called with each heartbeat. `offsetMs` is how far the clock of this host is ahead of the clock of Redis; it may be
   * wrong by `errorMs`, half the time in which Redis answered. Returns false if the clock is too wrong to work with.
   */
  onClock?: ((offsetMs: number, errorMs: number) => boolean) | undefined;
  everyMs?: number;
  now?: () => number;
}): Promise<Heartbeat> {
  const { id, service, pool } = await describe();
  const redis = bus.commands;
  const beat = defineScript(redis, 'toolplaneBeat', BEAT);
  const key = keys.processes(service, pool);
  let isClosed = false;
  let clockCheck: NodeJS.Timeout | undefined;

  async function say(): Promise<void> {
    const status = JSON.stringify(await describe());
    if (isClosed) return;
    const sentAt = now();
    const [seconds, microseconds] = (await beat([key], [id, status, KEPT_MS])) as [string, string];
    const redisAt = Number(seconds) * 1000 + Number(microseconds) / 1000;
    const answeredAt = now();
    const isClockRight = onClock((sentAt + answeredAt) / 2 - redisAt, Math.abs(answeredAt - sentAt) / 2);
    if (!isClockRight) checkClockSoon();
  }

  function checkClockSoon(): void {
    clockCheck ??= setTimeout(() => {
      clockCheck = undefined;
      sayIfPossible();
    }, CLOCK_CHECK_MS).unref();
  }

  // Nothing can be reported while Redis is unavailable.
  const sayIfPossible = () => void say().catch(() => undefined);
  onReady(redis, sayIfPossible);
  const timer = repeatEvery(sayIfPossible, everyMs).unref();
  await firstAttempt(redis);
  return {
    async close() {
      isClosed = true;
      clearInterval(timer);
      clearTimeout(clockCheck);
      await redis.hdel(key, id).catch(() => undefined);
    },
  };
}
