import { appendPointer, type Json, type Template } from '@toolplane/contracts';
import { ExpressionSyntaxError } from './expression-error.ts';
import { isJmespath, parseJmespath } from './jmespath/parse-jmespath.ts';
import { type FoundReference, findReferences } from './reference.ts';

/**
 * Parses every string of a JSON value (keys are not expressions). Throws the first `ExpressionSyntaxError`. With
 * `onError`, reports each error instead and uses the faulty string literally.
 */
export function parseTemplate(
  value: Json,
  onError?: (error: ExpressionSyntaxError) => void,
): { template: Template; references: FoundReference[] } {
  const references: FoundReference[] = [];
  return { template: parseValue(value, ''), references };

  function parseValue(part: Json, pointer: string): Template {
    if (typeof part === 'string') return parseReporting(part, pointer);
    if (typeof part !== 'object' || part === null) return { kind: 'literal', value: part };
    if (Array.isArray(part)) {
      const items = part.map((item, index) => parseValue(item, appendPointer(pointer, index)));
      return items.every(isLiteral) ? { kind: 'literal', value: part } : { kind: 'list', items };
    }
    const entries = Object.entries(part).map(([key, member]): [string, Template] => {
      return [key, parseValue(member, appendPointer(pointer, key))];
    });
    return entries.every(([, member]) => isLiteral(member))
      ? { kind: 'literal', value: part }
      : { kind: 'map', entries };
  }

  function parseReporting(text: string, pointer: string): Template {
    try {
      const parsed = parseText(text);
      for (const reference of parsed.references) references.push({ ...reference, pointer });
      return parsed.template;
    } catch (thrown) {
      if (!(thrown instanceof ExpressionSyntaxError)) throw thrown;
      const error = new ExpressionSyntaxError(thrown.message, thrown.offset, pointer, thrown.hint);
      if (onError === undefined) throw error;
      onError(error);
      return { kind: 'literal', value: text };
    }
  }
}

function isLiteral(template: Template): boolean {
  return template.kind === 'literal';
}

function parseText(text: string): { template: Template; references: Omit<FoundReference, 'pointer'>[] } {
  if (isJmespath(text)) {
    const { expression, references } = parseJmespath(text);
    return { template: { kind: 'jmespath', expression }, references };
  }
  const found = findReferences(text);
  const [first] = found;
  if (first === undefined) return { template: { kind: 'literal', value: text }, references: [] };
  const references = found.map(({ path, offset, text: written }) => ({
    path,
    offset,
    text: written,
    isJmespath: false,
  }));
  if (first.start === 0 && first.end === text.length) {
    return { template: { kind: 'reference', path: first.path }, references };
  }
  const parts: (string | { path: string[] })[] = [];
  let end = 0;
  for (const reference of found) {
    if (reference.start > end) parts.push(text.slice(end, reference.start));
    parts.push({ path: reference.path });
    end = reference.end;
  }
  if (end < text.length) parts.push(text.slice(end));
  return { template: { kind: 'text', parts }, references };
}
