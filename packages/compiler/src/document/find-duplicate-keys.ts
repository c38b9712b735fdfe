import { appendPointer } from '@toolplane/contracts';

export type DuplicateKey = { key: string; pointer: string; offset: number };

/** An object or a list around the place that is read, and the key or the index that stands there. */
type Around = { keys: Set<string> | undefined; at: string | number };

/**
 * Keys that stand in one object a second time, which `JSON.parse` reads over: the last one counts. The text must be
 * JSON; each is told where it stands again.
 */
export function findDuplicateKeys(json: string, max: number): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  const around: Around[] = [];
  let text = { written: '""', offset: 0 };
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]+|\\.)*"|[{}[\],:]/g)) {
    const inside = around.at(-1);
    if (token === '{' || token === '[') around.push({ keys: token === '{' ? new Set() : undefined, at: 0 });
    else if (token === '}' || token === ']') around.pop();
    else if (token === ',' && typeof inside?.at === 'number') inside.at += 1;
    else if (token === ':' && inside?.keys !== undefined) {
      const key: string = JSON.parse(text.written);
      inside.at = key;
      if (inside.keys.has(key)) found.push({ key, pointer: pointerOf(around), offset: text.offset });
      if (found.length >= max) return found;
      inside.keys.add(key);
    } else if (token.startsWith('"')) text = { written: token, offset: index };
  }
  return found;
}

function pointerOf(around: readonly Around[]): string {
  return around.reduce((pointer, { at }) => appendPointer(pointer, at), '');
}
