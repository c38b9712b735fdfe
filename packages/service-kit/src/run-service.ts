import { AppError } from '@toolplane/contracts';
import { ConfigError } from './config.ts';
import { createLogger, type Logger } from './logger.ts';

const DISPOSE_MS_MAX = 3000;

/**
 * Runs a service until SIGTERM or SIGINT. The resources that `start` adds to the stack are disposed of in reverse
 * order, so draining means disposing of the resource that holds the work. Then the process ends on its own, because
 * nothing keeps it alive.
 */
export async function runService(
  name: string,
  start: (resources: AsyncDisposableStack, logger: Logger) => Promise<void>,
): Promise<void> {
  const logger = createLogger(name);
  endOnCrash(logger);
  const resources = new AsyncDisposableStack();
  const stopped = nextStopSignal();
  try {
    await start(resources, logger);
    logger.info('started');
    const signal = await stopped;
    logger.info({ signal }, 'stopping');
    await resources.disposeAsync();
    logger.info('stopped');
    endSoon(logger);
  } catch (error) {
    process.exitCode = 1;
    if (isForOperators(error)) process.stderr.write(`${name}: ${error.message}\n`);
    else logger.fatal({ err: error }, 'failed to start or stop');
    // What was only half started may be unable to stop, and the process is restarted only after it has ended.
    setTimeout(() => process.exit(), DISPOSE_MS_MAX).unref();
    await resources.disposeAsync().catch(() => undefined);
  }
}

/** A process that has stopped must not hold up a deployment because of something that it forgot to close. */
function endSoon(logger: Logger): void {
  setTimeout(() => {
    logger.warn({ resources: process.getActiveResourcesInfo() }, 'something kept the stopped process alive');
    logger.flush(() => process.exit());
  }, DISPOSE_MS_MAX).unref();
}

function nextStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    // Later signals are ignored: the drain has its own time limit, and SIGKILL ends the process immediately.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
}

/** A process in an unknown state does no more work. Its calls end like those of a lost worker. */
function endOnCrash(logger: Logger): void {
  const end = (error: unknown) => {
    logger.fatal({ err: error }, 'crashed');
    setTimeout(() => process.exit(1), 500).unref();
    logger.flush(() => process.exit(1));
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

function isForOperators(error: unknown): error is Error {
  if (error instanceof ConfigError || error instanceof AppError) return true;
  const { code } = (error ?? {}) as { code?: unknown };
  return error instanceof Error && (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL');
}
