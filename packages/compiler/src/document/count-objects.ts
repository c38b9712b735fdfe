import type { Json } from '@toolplane/contracts';

/** Counts objects and lists at any depth: the work on a document is proportional to this number. */
export function countObjects(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((count: number, member) => count + countObjects(member), 1);
}
