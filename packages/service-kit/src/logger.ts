import pino from 'pino';

export type Logger = pino.Logger;

/**
 * JSON lines on stderr, so that stdout stays free for answers. Foreign errors are logged as name, code and stack frames
 * only: their messages and fields may quote URLs, headers or bodies.
 */
export function createLogger(service: string, level = process.env.LOG_LEVEL ?? 'info'): Logger {
  return pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: toLoggedError },
    },
    pino.destination({ dest: 2, sync: false }),
  );
}

/** Chains of causes are bounded, because a cause may name itself. */
export function toLoggedError(thrown: unknown, depth = 0): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { name: typeof thrown };
  const { code } = thrown as { code?: unknown };
  return {
    name: thrown.name,
    ...(typeof code === 'string' ? { code } : {}),
    // Only an AppError's message is ours; any other may carry what was sent or received.
    ...(thrown.name === 'AppError' || thrown.name === 'ConfigError' ? { message: thrown.message } : {}),
    frames: stackFrames(thrown),
    ...(thrown.cause !== undefined && depth < 3 ? { cause: toLoggedError(thrown.cause, depth + 1) } : {}),
  };
}

function stackFrames(error: Error): string[] {
  // A message of several lines could pass one of them off as a frame.
  const stack = (error.stack ?? '').replace(error.message, () => '');
  const lines = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return lines.slice(0, 8).map((line) => line.trim());
}
