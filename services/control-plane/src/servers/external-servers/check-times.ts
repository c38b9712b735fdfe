import type { ErrorCode } from '@toolplane/contracts';
import type { ExternalServerHealth } from './store.ts';

const RETRY_MS_MIN = 5000;
const RETRY_MS_MAX = 300_000;
/** Spreads the checks, so that servers that were attached together are not always checked together. */
const JITTER = 0.2;

/**
 * The result of a check, and the time of the next one: after `refreshMs` if the server answered, otherwise soon and
 * then at growing intervals.
 */
export function toHealth(
  look: { state: 'ok' } | { state: 'unreachable' | 'failed'; code: ErrorCode; message: string },
  before: Pick<ExternalServerHealth, 'failures' | 'wantsSignIn'>,
  { refreshMs, now }: { refreshMs: number; now: Date },
): ExternalServerHealth {
  const isOk = look.state === 'ok';
  const failures = isOk ? 0 : before.failures + 1;
  const waitMs = isOk ? refreshMs : Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(failures - 1, 10));
  const nextCheckAt = new Date(now.getTime() + waitMs * (1 + JITTER * (Math.random() - 0.5)));
  // An unreachable server does not show whether it still requires a sign-in.
  const wantsSignIn =
    'code' in look && (look.code === 'external_sign_in_needed' || (look.state === 'unreachable' && before.wantsSignIn));
  const message = 'message' in look ? look.message : null;
  return { state: look.state, message, failures, checkedAt: now, nextCheckAt, wantsSignIn };
}
