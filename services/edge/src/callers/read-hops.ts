import type { IncomingHttpHeaders } from 'node:http';
import { HOPS_HEADER } from '@toolplane/contracts';

/** More servers than anybody chains intentionally. */
export const HOPS_MAX = 5;

/**
 * Returns the number of Toolplane servers that the request has passed through. A value that is not a number counts as
 * zero. The header serves only as a limit and proves nothing.
 */
export function readHops({ [HOPS_HEADER]: hops }: IncomingHttpHeaders): { hops?: number } {
  return typeof hops === 'string' && /^[1-9]\d{0,2}$/.test(hops) ? { hops: Number(hops) } : {};
}
