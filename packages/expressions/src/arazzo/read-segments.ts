import { appendPointer, pointerSegments } from '@toolplane/contracts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { isRefusedKey } from '../queries/set-member.ts';
import type { ExpressionReader } from './expression-reader.ts';

/** Reads what follows a value: dots and brackets, which the grammar does not contain, and a JSON Pointer. */
export function readSegments(reader: ExpressionReader): string[] {
  const start = reader.position;
  const members = readAccessors(reader);
  if (members.length > 0 && !reader.isOperand) {
    const pointer = members.reduce(appendPointer, '');
    reader.warn(`The grammar has no dots or brackets here: write ${reader.text.slice(0, start)}#${pointer}`);
  }
  return [...members, ...readPointer(reader)];
}

function readAccessors(reader: ExpressionReader): string[] {
  const members: string[] = [];
  for (;;) {
    const member = reader.take(/\.[\p{L}\p{N}_@$:-]+/uy)?.slice(1) ?? readBrackets(reader);
    if (member === undefined) return members;
    members.push(member);
  }
}

function readBrackets(reader: ExpressionReader): string | undefined {
  if (reader.text[reader.position] !== '[') return undefined;
  const index = reader.take(/\[(?:0|[1-9]\d*)\]/y);
  if (index !== undefined) return index.slice(1, -1);
  const quoted = reader.take(/\[(?:'[^'\\]*'|"[^"\\]*")\]/y);
  if (quoted !== undefined) return quoted.slice(2, -2);
  throw reader.fault('Brackets contain an index or a name in quotes: for more, use a Selector Object with a JSONPath');
}

function readPointer(reader: ExpressionReader): string[] {
  const written = reader.take(/#[^{}]*/y);
  if (written === undefined) return [];
  const start = reader.position - written.length;
  let pointer = written.slice(1);
  const tilde = pointer.search(/~(?![01])/);
  if (tilde >= 0) throw new ExpressionSyntaxError('In a JSON Pointer, write "~" as ~0', start + 1 + tilde);
  if (pointer !== '' && !pointer.startsWith('/')) {
    reader.warn('A JSON Pointer must begin with "#/"');
    pointer = `/${pointer}`;
  }
  const segments = pointerSegments(pointer);
  const forbidden = segments.find(isRefusedKey);
  if (forbidden !== undefined)
    throw new ExpressionSyntaxError(`"${forbidden}" is not allowed in a JSON Pointer`, start);
  return segments;
}
