import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@toolplane/service-kit';
import { logTaskFails, logTaskWorks } from './events.ts';

/**
 * Runs a task repeatedly, without overlapping runs, until it is disposed. Logs when the task starts to fail and when it
 * works again.
 */
export function repeat(
  task: () => Promise<unknown>,
  { name, everyMs, logger }: { name: string; everyMs: number; logger: Logger },
): AsyncDisposable {
  const stopping = new AbortController();
  let isFailing = false;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await task();
        if (isFailing) logTaskWorks(logger, name);
        isFailing = false;
      } catch (error) {
        if (!isFailing) logTaskFails(logger, name, error);
        isFailing = true;
      }
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const stopped = run();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await stopped;
    },
  };
}
