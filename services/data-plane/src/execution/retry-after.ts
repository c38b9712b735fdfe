import type { ResponseScope } from '@toolplane/expressions';

const WAIT_MS_MAX = 3_600_000;

/** Returns how long a busy upstream asks not to receive requests. */
export function findRetryAfterMs(response: ResponseScope, nowMs: number): number | undefined {
  return response.status === 429 || response.status === 503 ? readRetryAfterMs(response, nowMs) : undefined;
}

/** Reads `Retry-After` of any response (RFC 9110, 10.2.3): seconds or a date. */
export function readRetryAfterMs({ headers }: ResponseScope, nowMs: number): number | undefined {
  const header = headers['retry-after'];
  if (typeof header !== 'string') return undefined;
  const waitMs = /^\d{1,10}$/.test(header) ? Number(header) * 1000 : parseDate(header) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), WAIT_MS_MAX);
}

/** `Date.parse` also accepts texts that are not HTTP dates. */
function parseDate(text: string): number {
  return /^\w{3}, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
}
