import type { Json, Template } from '@toolplane/contracts';
import { parseBraces } from '../descriptor/parse-braces.ts';

type TextTemplate = Extract<Template, { kind: 'text' }>;

/**
 * Converts text with `{key}` of credentials. A text that is only `{key}` is omitted if its value is absent, except if
 * `place` is a form.
 */
export function toTemplate(text: string, place?: 'form'): Template {
  const { pieces } = parseBraces(text);
  const [first, second] = pieces;
  if (first === undefined) return { kind: 'literal', value: '' };
  if (second === undefined) {
    if (typeof first === 'string') return { kind: 'literal', value: first };
    if (place === undefined) return { kind: 'reference', path: secretPath(first.key) };
  }
  const parts: TextTemplate['parts'] = pieces.map((piece) => {
    return typeof piece === 'string' ? piece : { path: secretPath(piece.key) };
  });
  return { kind: 'text', parts, ...(place === undefined ? {} : { escape: place }) };
}

export function secretPath(key: string): string[] {
  return ['secrets', key];
}

/** Converts a value whose texts are templates; keys are not templates. */
export function toValueTemplate(value: Json): Template {
  if (typeof value === 'string') return toTemplate(value);
  if (Array.isArray(value)) return { kind: 'list', items: value.map(toValueTemplate) };
  if (typeof value !== 'object' || value === null) return { kind: 'literal', value };
  return {
    kind: 'map',
    entries: Object.entries(value).map(([key, member]) => [key, toValueTemplate(member)]),
    sparse: true,
  };
}
