import { appendPointer } from '@toolplane/contracts';
import { endOfText } from './json-positions.ts';

export type DuplicateKey = { key: string; pointer: string; offset: number };

/** An object or a list around the current position, and the key or index there. */
type Around = { keys: Set<string> | undefined; at: string | number };

/**
 * Finds duplicate keys of an object, which `JSON.parse` ignores: the last one counts. The text must be JSON. Each
 * duplicate is reported where it occurs again.
 */
export function findDuplicateKeys(json: string, max: number): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  const around: Around[] = [];
  let text = { start: 0, end: 0 };
  // This does not match whole texts: a regular expression would keep each of their escapes until its stack is full.
  const mark = /["{}[\],:]/g;
  while (mark.test(json)) {
    const token = json[mark.lastIndex - 1];
    const inside = around.at(-1);
    if (token === '{' || token === '[') around.push({ keys: token === '{' ? new Set() : undefined, at: 0 });
    else if (token === '}' || token === ']') around.pop();
    else if (token === ',' && typeof inside?.at === 'number') inside.at += 1;
    else if (token === ':' && inside?.keys !== undefined) {
      const key: string = JSON.parse(json.slice(text.start, text.end));
      inside.at = key;
      if (inside.keys.has(key)) found.push({ key, pointer: pointerOf(around), offset: text.start });
      if (found.length >= max) return found;
      inside.keys.add(key);
    } else if (token === '"') {
      const start = mark.lastIndex - 1;
      text = { start, end: endOfText(json, start) };
      mark.lastIndex = text.end;
    }
  }
  return found;
}

function pointerOf(around: readonly Around[]): string {
  return around.reduce((pointer, { at }) => appendPointer(pointer, at), '');
}
