import type { Json } from '@toolplane/contracts';

/** Objects and lists, at any depth: what the work on a document grows with. */
export function countObjects(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((count: number, member) => count + countObjects(member), 1);
}
