import { AppError } from '@toolplane/contracts';

/**
 * Races the work against the timeout and the signal of a request, so that work before the request counts against its
 * time.
 */
export async function inTime<Result>(
  work: Promise<Result>,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  late = tooLate,
): Promise<Result> {
  const end = Promise.withResolvers<never>();
  const timer = setTimeout(() => end.reject(late()), timeoutMs);
  const onAbort = () => end.reject(cancellation(signal));
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, end.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Returns the reason for the cancellation if it is an `AppError`; otherwise a general error. */
export function cancellation({ reason }: { reason: unknown }): AppError {
  return reason instanceof AppError ? reason : new AppError('cancelled', 'The request was cancelled');
}

export function tooLate(): AppError {
  return new AppError('upstream_timeout', 'The request had to wait and was not sent in time');
}
