import { setTimeout } from 'node:timers/promises';
import { AppError } from '@toolplane/contracts';

/**
 * A busy machine may be late for one answer of Redis, and a lost connection is soon restored. In total well below the
 * time limit of a transaction.
 */
export const ATTEMPTS_MAX = 3;
const ATTEMPT_PAUSE_MS = 300;

/** Publishing the same again is harmless. Rejects with `config_unavailable`. */
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
