import { digestOf } from './digest.ts';

/** Of 256 bits half are enough: nobody gains by a name that looks like another one's. */
const DIGITS = 32;

/** Replaces the name of a workspace's external user where names need not be read, such as in Redis. */
export function digestOfUser(workspaceId: string, username: string): string {
  return digestOf([workspaceId, username]).slice(0, DIGITS);
}
