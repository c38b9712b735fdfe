import { setTimeout } from 'node:timers/promises';
import { AppError } from '@toolplane/contracts';

/**
 * A busy machine may miss one response of Redis, and a lost connection is soon restored. All attempts together take
 * much less than the time limit of a transaction.
 */
export const ATTEMPTS_MAX = 3;
const ATTEMPT_PAUSE_MS = 300;

/** Repeats a failed publication, which is harmless. Rejects with `config_unavailable`. */
export async function send(publish: () => Promise<void>, attemptsMax = 1): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await publish();
    } catch (cause) {
      if (attempt >= attemptsMax) {
        throw new AppError('config_unavailable', 'The change cannot be published now', { cause });
      }
      await setTimeout(ATTEMPT_PAUSE_MS);
    }
  }
}
