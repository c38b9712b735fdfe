import { AppError } from '@toolplane/contracts';
import { ConfigError } from './config.ts';
import { createLogger, type Logger } from './logger.ts';

const DISPOSE_MS_MAX = 3000;

/**
 * Runs a service until SIGTERM or SIGINT. What `start` puts on the stack is disposed in reverse, so a drain is the
 * disposal of the thing that holds the work; then the process ends by itself, because nothing keeps it alive.
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
  } catch (error) {
    process.exitCode = 1;
    if (isForOperators(error)) process.stderr.write(`${name}: ${error.message}\n`);
    else logger.fatal({ err: error }, 'failed to start or stop');
    // What was half started may not know how to stop, and whoever restarts the process is waiting for its end.
    setTimeout(() => process.exit(), DISPOSE_MS_MAX).unref();
    await resources.disposeAsync().catch(() => undefined);
  }
}

function nextStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    // Later signals are ignored: the drain has its own limit, and whoever cannot wait has SIGKILL.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
}

/** A process in an unknown state does no more work: its calls end as those of a lost worker. */
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
