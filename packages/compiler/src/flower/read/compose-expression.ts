import type { Json, Template } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Expression } from '../model.ts';
import { readExpression } from './read-expression.ts';

/** Expressions put together where the form is ours and the values are the document's. */

/** An object whose members are named as their expressions; those that could not be read are left out. */
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

/** A value that is not looked into for expressions. */
export function literal(name: string, part: Part, value: Json): Expression {
  return { name, part, template: { kind: 'literal', value }, references: [] };
}

/** Where MCP has text. What an expression gives there is made text when it is known. */
export function readTextExpression(name: string, part: Part): Expression {
  return part.text() === undefined ? literal(name, part, '') : readExpression(name, part);
}

/** Text that may be empty: a reference to nothing gives no text instead of ending the call. */
export function readFreeText(name: string, part: Part): Expression {
  const expression = readTextExpression(name, part);
  const { template } = expression;
  if (template.kind !== 'reference') return expression;
  return { ...expression, template: { kind: 'text', parts: [{ path: template.path }] } };
}

function literalOf({ template }: Expression): Json {
  return template.kind === 'literal' ? template.value : null;
}
