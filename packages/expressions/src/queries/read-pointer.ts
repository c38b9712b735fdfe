import type { Json } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import type { ReadQuery, ReplaceOptions } from './read-query.ts';
import { isRefusedKey, setMember, unknownLocation } from './set-member.ts';

const TEXT_LENGTH_MAX = 4096;

/** Reads a JSON Pointer (RFC 6901), which may be the fragment of a URI. Throws `ExpressionSyntaxError`. */
export function readPointer(text: string): ReadQuery {
  const tokens = parsePointer(text);
  return {
    find(value) {
      const found = findAt(value, tokens);
      return found === undefined ? [] : [found];
    },
    holds: (value) => findAt(value, tokens) !== undefined,
    replace: (value, options) => replaceAt(value, tokens, options),
  };
}

function parsePointer(text: string): string[] {
  if (text.length > TEXT_LENGTH_MAX) {
    throw new ExpressionSyntaxError(`A JSON Pointer has at most ${TEXT_LENGTH_MAX} characters`, 0);
  }
  const pointer = text.startsWith('#') ? decodeFragment(text.slice(1)) : text;
  const [before, ...tokens] = pointer.split('/');
  if (before !== '') throw new ExpressionSyntaxError('A JSON Pointer must be empty or begin with /', 0);
  if (/~(?![01])/.test(pointer)) {
    throw new ExpressionSyntaxError('In a JSON Pointer, write ~ as ~0 and a / inside a name as ~1', 0);
  }
  const keys = tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const refused = keys.find(isRefusedKey);
  if (refused !== undefined) throw new ExpressionSyntaxError(`A JSON Pointer cannot name "${refused}"`, 0);
  return keys;
}

function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    throw new ExpressionSyntaxError('The JSON Pointer is not a URI fragment', 0);
  }
}

function findAt(value: Json, tokens: string[]): Json | undefined {
  let found: Json | undefined = value;
  for (const token of tokens) {
    if (typeof found !== 'object' || found === null) return undefined;
    if (Array.isArray(found)) found = isIndex(token) ? found[Number(token)] : undefined;
    else found = Object.hasOwn(found, token) ? found[token] : undefined;
  }
  return found;
}

function isIndex(token: string): boolean {
  return /^(?:0|[1-9]\d{0,8})$/.test(token);
}

/** Adds the last name if it is missing, and appends for `-`. */
function replaceAt(value: Json, tokens: string[], { copy, strict }: ReplaceOptions): Json {
  const last = tokens.at(-1);
  if (last === undefined) return copy();
  const holder = findAt(value, tokens.slice(0, -1));
  if (typeof holder !== 'object' || holder === null) throw unknownLocation();
  const isThere = findAt(holder, [last]) !== undefined;
  if (!isThere && strict) throw unknownLocation();
  if (!Array.isArray(holder)) setMember(holder, last, copy());
  else if (isThere) setMember(holder, Number(last), copy());
  else if (last === '-') holder.push(copy());
  else throw unknownLocation();
  return value;
}
