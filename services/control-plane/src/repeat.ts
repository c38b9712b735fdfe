import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@toolplane/service-kit';

/** Runs a task again and again, never twice at once, until it is disposed. Logs when it begins and ends to fail. */
export function repeat(
  task: () => Promise<void>,
  { name, everyMs, logger }: { name: string; everyMs: number; logger: Logger },
): AsyncDisposable {
  const stopping = new AbortController();
  let isFailing = false;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await task();
        if (isFailing) logger.info({ task: name }, 'works again');
        isFailing = false;
      } catch (error) {
        if (!isFailing) logger.warn({ task: name, err: error }, 'does not work, trying on');
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
