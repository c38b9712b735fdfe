import { hash } from 'node:crypto';

/** What a connect link is known by once it was used: nobody can make a link, or its id, of it. */
export function connectLinkHash(id: string): string {
  return hash('sha256', id, 'hex');
}
