import type { Health } from './store.ts';

const RETRY_MS_MIN = 5000;
const RETRY_MS_MAX = 300_000;
/** So that servers which were attached together are not asked together for ever. */
const JITTER = 0.2;

/** How a look went, and when the next one is due: `refreshMs` after one that found the server, soon and then later after others. */
export function toHealth(
  look: { state: 'ok' } | { state: 'unreachable' | 'failed'; message: string },
  { failures: before, refreshMs, now }: { failures: number; refreshMs: number; now: Date },
): Health {
  const isOk = look.state === 'ok';
  const failures = isOk ? 0 : before + 1;
  const waitMs = isOk ? refreshMs : Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(failures - 1, 10));
  const nextCheckAt = new Date(now.getTime() + waitMs * (1 + JITTER * (Math.random() - 0.5)));
  return { state: look.state, message: 'message' in look ? look.message : null, failures, checkedAt: now, nextCheckAt };
}
