import { AppError } from '@toolplane/contracts';
import type { Request } from 'express';

/** How fast a body has to arrive: on average so fast, once the first moments are over. */
export type BodyPace = { graceMs: number; bytesPerSecondMin: number };

/** Slower than any connection over which people work; 10 MiB may take almost three minutes. */
const PACE: BodyPace = { graceMs: 10_000, bytesPerSecondMin: 64 * 1024 };

/**
 * Rejects with `request_timeout` when a body arrives too slowly: it takes memory, and perhaps a place, until it is
 * there. Gives how to stop watching.
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
