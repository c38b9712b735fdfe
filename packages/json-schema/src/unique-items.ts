import { canonicalJson, type Json } from '@toolplane/contracts';

/** Linear in the size of the list. */
export function hasDistinctItems(items: Json[]): boolean {
  const seen = new Set<string>();
  for (const item of items) {
    const text = canonicalJson(item);
    if (seen.has(text)) return false;
    seen.add(text);
  }
  return true;
}
