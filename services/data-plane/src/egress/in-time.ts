import { AppError } from '@toolplane/contracts';

/** What runs before a request is counted against the time of the request. */
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

/** A canceller may give a reason. */
export function cancellation({ reason }: AbortSignal): AppError {
  return reason instanceof AppError ? reason : new AppError('cancelled', 'The request was cancelled');
}

function tooLate(): AppError {
  return new AppError('upstream_timeout', 'The request had to wait and was not sent in time');
}
