import type { ResponseScope } from '@toolplane/expressions';

const WAIT_MS_MAX = 3_600_000;

/** How long a busy upstream asks to be left alone. */
export function findRetryAfterMs(response: ResponseScope, nowMs: number): number | undefined {
  return response.status === 429 || response.status === 503 ? readRetryAfterMs(response, nowMs) : undefined;
}

/** `Retry-After` of any answer (RFC 9110, 10.2.3): seconds or a date. */
export function readRetryAfterMs({ headers }: ResponseScope, nowMs: number): number | undefined {
  const header = headers['retry-after'];
  if (typeof header !== 'string') return undefined;
  const waitMs = /^\d{1,10}$/.test(header) ? Number(header) * 1000 : parseDate(header) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), WAIT_MS_MAX);
}

/** The parser may also read other texts as a date. */
function parseDate(text: string): number {
  return /^\w{3}, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
}
