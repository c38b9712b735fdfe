import { AppError } from '@toolplane/contracts';
import type { Request } from 'express';

/** The required average speed of a body, which applies after `graceMs`. */
export type BodyPace = { graceMs: number; bytesPerSecondMin: number };

/** Slower than any connection that people work with: 10 MiB may take almost three minutes. */
const PACE: BodyPace = { graceMs: 10_000, bytesPerSecondMin: 64 * 1024 };

/**
 * Calls `onTooSlow` with `request_timeout` if a body arrives too slowly: until it is complete, it occupies memory, and
 * perhaps a slot for large bodies. Returns a function that stops the check.
 */
export function watchPace(
  req: Request,
  onTooSlow: (error: AppError) => void,
  { graceMs, bytesPerSecondMin }: BodyPace = PACE,
): () => void {
  const startedAt = performance.now();
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
  };
  req.on('data', onData);
  const timer = setInterval(() => {
    const countedMs = performance.now() - startedAt - graceMs;
    if (countedMs < 0 || bytes >= (countedMs / 1000) * bytesPerSecondMin) return;
    stop();
    onTooSlow(
      new AppError(
        'request_timeout',
        `The body arrives with less than ${bytesPerSecondMin} bytes a second; send it again`,
      ),
    );
  }, graceMs / 4);
  timer.unref();
  function stop(): void {
    clearInterval(timer);
    req.off('data', onData);
  }
  return stop;
}
