import { z } from 'zod';

/** A pool of data planes, which runs only the calls of the servers that are assigned to it. */
export const poolNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must begin with a letter and have up to 31 of a-z, 0-9 and -');

/** A connect link names the pool whose data planes made it, because data planes of other pools cannot open it. */
export function toLinkToken(pool: string | undefined, sealed: string): string {
  return pool === undefined ? sealed : `${pool}~${sealed}`;
}

export function readLinkToken(token: string): { pool: string | null; sealed: string } {
  const [pool = '', sealed] = token.split('~');
  return sealed === undefined ? { pool: null, sealed: token } : { pool, sealed };
}
