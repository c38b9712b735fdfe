import type { Json } from '@toolplane/contracts';

/**
 * Checked before anything traverses an untrusted value recursively. The check itself does not use recursion, so it
 * works for limits of any size.
 */
export function isNestedDeeper(value: Json, depthMax: number): boolean {
  let level: Json[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > depthMax) return true;
    level = level.flatMap((part) => (typeof part === 'object' && part !== null ? Object.values(part) : []));
  }
  return false;
}
