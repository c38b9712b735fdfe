import type { IncomingHttpHeaders } from 'node:http';
import { HOPS_HEADER } from '@toolplane/contracts';

/** More servers than anybody chains on purpose. */
export const HOPS_MAX = 5;

/**
 * How many servers of Toolplane the request came through; a value that is not a number counts as none. It limits, and
 * proves nothing.
 */
export function readHops({ [HOPS_HEADER]: hops }: IncomingHttpHeaders): { hops?: number } {
  return typeof hops === 'string' && /^[1-9]\d{0,2}$/.test(hops) ? { hops: Number(hops) } : {};
}
