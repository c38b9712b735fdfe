import { digestOf } from './digest.ts';

/** Half of the 256 bits are enough: nobody gains anything from a name with the same digest as another one. */
const DIGITS = 32;

/** Replaces the name of a workspace's external user wherever names need not be readable, such as in Redis. */
export function digestOfUser(workspaceId: string, username: string): string {
  return digestOf([workspaceId, username]).slice(0, DIGITS);
}
