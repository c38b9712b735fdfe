import { setTimeout as delay } from 'node:timers/promises';

/** The pauses add up to a minute. A Redis failover takes less time, and its clients have given up by then. */
const PAUSES_MS = [100, 200, 500, 1000, 2000, 4000, 8000, 16_000, 30_000];
/** The maximum number of postponed attempts, which are held in memory while Redis is unavailable. */
const WAITING_MAX = 1000;

let waiting = 0;

/**
 * A slow Redis must not delay a response: a call ends at most a second after its deadline, and the bus may use 900 ms
 * of that second.
 */
const FIRST_TRY_MS_MAX = 50;

/**
 * Does work that must survive a single Redis failure but may be lost in the worst case. Resolves after the first
 * attempt, successful or not, or when that attempt takes too long. Further attempts follow for a minute while this edge
 * runs.
 */
export async function retryInBackground(attempt: () => Promise<void>): Promise<void> {
  const timeout = Promise.withResolvers<void>();
  const timer = setTimeout(timeout.resolve, FIRST_TRY_MS_MAX);
  await Promise.race([attemptWithRetries(attempt), timeout.promise]);
  clearTimeout(timer);
}

/** Resolves after the first attempt. */
async function attemptWithRetries(attempt: () => Promise<void>): Promise<void> {
  if (!(await succeeds(attempt)) && waiting < WAITING_MAX) void tryAgain(attempt);
}

async function tryAgain(attempt: () => Promise<void>): Promise<void> {
  waiting += 1;
  for (const pauseMs of PAUSES_MS) {
    await delay(pauseMs, undefined, { ref: false });
    if (await succeeds(attempt)) break;
  }
  waiting -= 1;
}

async function succeeds(attempt: () => Promise<void>): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch {
    return false;
  }
}
