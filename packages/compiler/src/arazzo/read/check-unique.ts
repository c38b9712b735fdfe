import type { Part } from '../../document/part.ts';

/** Reports each item that has the key of an earlier one; an empty key does not count. */
export function checkUnique(code: string, items: readonly { key: string; part: Part; message: string }[]): void {
  const seen = new Set<string>();
  for (const { key, part, message } of items) {
    if (key !== '' && seen.has(key)) part.error(code, message, 'Remove or rename one of them.');
    seen.add(key);
  }
}
