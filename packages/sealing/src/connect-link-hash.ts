import { hash } from 'node:crypto';

/** Identifies a used connect link: nobody can derive a link, or its id, from it. */
export function connectLinkHash(id: string): string {
  return hash('sha256', id, 'hex');
}
