import type { Json, JsonObject } from '@toolplane/contracts';
import { MASKED } from './mask.ts';

/**
 * Returns the inputs as they may be shown, and the texts that must not be shown anywhere. `*` in a pointer matches any
 * member.
 */
export function hideInputs(inputs: JsonObject, pointers: readonly string[]): { shown: JsonObject; values: string[] } {
  const values: string[] = [];
  const hide = (value: Json): Json => {
    if (value === null) return null;
    collectTexts(value, values);
    return MASKED;
  };
  let shown: Json = inputs;
  for (const pointer of pointers) shown = replaceAt(shown, segmentsOf(pointer), hide);
  return { shown: shown as JsonObject, values };
}

function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function replaceAt(value: Json, [name, ...rest]: readonly string[], replace: (value: Json) => Json): Json {
  if (name === undefined) return replace(value);
  if (typeof value !== 'object' || value === null) return value;
  const inside = (member: Json) => replaceAt(member, rest, replace);
  if (Array.isArray(value)) return name === '*' ? value.map(inside) : value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, name === '*' || name === key ? inside(member) : member]),
  );
}

function collectTexts(value: Json, texts: string[]): void {
  if (typeof value === 'string') texts.push(value);
  else if (typeof value === 'number') texts.push(String(value));
  else if (typeof value === 'object' && value !== null) for (const it of Object.values(value)) collectTexts(it, texts);
}
