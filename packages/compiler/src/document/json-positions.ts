import { pointerSegments } from '@toolplane/contracts';
import type { Position, Positions } from './positions.ts';

/** The offsets of a value and, inside an object, of its key. */
type Place = { key: number; value: number };

/**
 * Finds positions in a text that `JSON.parse` accepts. Nothing is read before a problem is reported, and then only the
 * objects and lists around it, each once: many problems of a large document cost little more than one.
 */
export function createJsonPositions(text: string): Positions {
  const members = new Map<number, Map<string, Place>>();
  let lines: number[] | undefined;
  return {
    ofValue(pointer, offset = 0) {
      const { value, isExact } = find(pointer);
      return atOffset(isExact && offset > 0 ? offsetInside(value, offset) : value);
    },
    ofKey: (pointer) => atOffset(find(pointer).key),
    atOffset,
  };

  function find(pointer: string): Place & { isExact: boolean } {
    const start = skipSpace(text, text.startsWith('\uFEFF') ? 1 : 0);
    let place: Place = { key: start, value: start };
    for (const segment of pointerSegments(pointer)) {
      const inside = membersAt(place.value).get(segment);
      if (inside === undefined) return { ...place, isExact: false };
      place = inside;
    }
    return { ...place, isExact: true };
  }

  function membersAt(offset: number): Map<string, Place> {
    const known = members.get(offset);
    if (known !== undefined) return known;
    const found = readMembers(text, offset);
    members.set(offset, found);
    return found;
  }

  /** The position is exact if the document contains the text unchanged. */
  function offsetInside(start: number, offset: number): number {
    if (text[start] !== '"') return start;
    const isPlain = !text.slice(start, start + 1 + offset).includes('\\');
    return isPlain ? start + 1 + offset : start;
  }

  function atOffset(offset: number): Position {
    lines ??= lineStarts(text);
    let [low, high] = [0, lines.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((lines[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 };
  }
}

/**
 * Reads the members of one object or list; any other value has none. The last of several equal keys counts, as in
 * `JSON.parse`.
 */
function readMembers(text: string, offset: number): Map<string, Place> {
  const members = new Map<string, Place>();
  const open = text[offset];
  if (open !== '{' && open !== '[') return members;
  let at = skipSpace(text, offset + 1);
  while (at < text.length && text[at] !== '}' && text[at] !== ']') {
    const key = at;
    const end = open === '{' ? endOfText(text, at) : at;
    const value = open === '{' ? skipSpace(text, skipSpace(text, end) + 1) : at;
    const name = open === '{' ? String(JSON.parse(text.slice(key, end))) : String(members.size);
    members.set(name, { key, value });
    at = skipSpace(text, endOfValue(text, value));
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return members;
}

function endOfValue(text: string, start: number): number {
  if (text[start] === '"') return endOfText(text, start);
  if (text[start] !== '{' && text[start] !== '[') {
    const scalar = /[^,\]}\s]*/y;
    scalar.lastIndex = start;
    scalar.test(text);
    return scalar.lastIndex;
  }
  const mark = /["{}[\]]/g;
  mark.lastIndex = start;
  for (let depth = 0; mark.test(text); ) {
    const found = text[mark.lastIndex - 1];
    if (found === '"') mark.lastIndex = endOfText(text, mark.lastIndex - 1);
    else depth += found === '{' || found === '[' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return text.length;
}

/** Returns the end of the quoted text that begins at `start`. */
export function endOfText(text: string, start: number): number {
  const mark = /["\\]/g;
  mark.lastIndex = start + 1;
  while (mark.test(text)) {
    if (text[mark.lastIndex - 1] === '"') return mark.lastIndex;
    mark.lastIndex += 1;
  }
  return text.length;
}

function skipSpace(text: string, start: number): number {
  const space = /\s*/y;
  space.lastIndex = start;
  space.test(text);
  return space.lastIndex;
}

function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(/\r\n?|\n/g), ({ 0: end, index }) => index + end.length)];
}
