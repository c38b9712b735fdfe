import type { Json, Template } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Expression } from '../model.ts';
import { readExpression } from './read-expression.ts';

/** Builds expressions whose structure is determined here and whose values come from the document. */

/**
 * Builds an object whose members have the names of their expressions. Expressions that could not be read are omitted.
 */
export function composeMap(name: string, part: Part, members: (Expression | undefined)[]): Expression {
  const known = members.filter((member) => member !== undefined);
  const template: Template = known.every(({ template }) => template.kind === 'literal')
    ? { kind: 'literal', value: Object.fromEntries(known.map((member) => [member.name, literalOf(member)])) }
    : { kind: 'map', entries: known.map((member) => [member.name, member.template]) };
  return { name, part, template, references: known.flatMap(({ references }) => references) };
}

export function composeList(name: string, part: Part, items: Expression[]): Expression {
  const template: Template = items.every(({ template }) => template.kind === 'literal')
    ? { kind: 'literal', value: items.map(literalOf) }
    : { kind: 'list', items: items.map((item) => item.template) };
  return { name, part, template, references: items.flatMap(({ references }) => references) };
}

/** Returns a value that is not searched for expressions. */
export function literal(name: string, part: Part, value: Json): Expression {
  return { name, part, template: { kind: 'literal', value }, references: [] };
}

/** Reads an expression where MCP requires text. The value of the expression is converted to text when it is known. */
export function readTextExpression(name: string, part: Part): Expression {
  return part.text() === undefined ? literal(name, part, '') : readExpression(name, part);
}

/** Reads text that may be empty: a reference to nothing results in empty text instead of failing the call. */
export function readFreeText(name: string, part: Part): Expression {
  const expression = readTextExpression(name, part);
  const { template } = expression;
  if (template.kind !== 'reference') return expression;
  return { ...expression, template: { kind: 'text', parts: [{ path: template.path }] } };
}

function literalOf({ template }: Expression): Json {
  return template.kind === 'literal' ? template.value : null;
}
