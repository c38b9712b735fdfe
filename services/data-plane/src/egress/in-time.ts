import { AppError } from '@toolplane/contracts';

/** What goes before a request takes its time from that of the request. */
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

/** Whoever cancels may say why. */
export function cancellation({ reason }: AbortSignal): AppError {
  return reason instanceof AppError ? reason : new AppError('cancelled', 'The request was cancelled');
}

function tooLate(): AppError {
  return new AppError('upstream_timeout', 'The request had to wait and was not sent in time');
}
