import type { Part } from '../../document/part.ts';
import type { Expression } from '../model.ts';
import { composeMap, literal, readTextExpression } from './compose-expression.ts';
import { readExpression } from './read-expression.ts';

/** Reads the annotations of a content block. A client refuses the whole result if they are not as MCP defines them. */
export function readAnnotations(part: Part): Expression {
  if (part.object() === undefined) return literal('annotations', part, null);
  part.allowKeys(['audience', 'priority', 'lastModified']);
  const audience = part.member('audience');
  const priority = part.member('priority');
  const lastModified = part.member('lastModified');
  return composeMap('annotations', part, [
    audience && readAudience(audience),
    priority && readNumber('priority', priority, { min: 0, max: 1, isWhole: false }),
    lastModified && readTextExpression('lastModified', lastModified),
  ]);
}

const roles = ['user', 'assistant'] as const;

function readAudience(part: Part): Expression {
  const expression = readExpression('audience', part);
  if (isValue(expression)) return expression;
  for (const role of part.items({ max: roles.length, what: 'roles' })) {
    if (readExpression('role', role).template.kind === 'literal') role.choice(roles);
  }
  return expression;
}

/** Reads a number in the document, or an expression that returns one. */
export function readNumber(key: string, part: Part, range: { min: number; max: number; isWhole: boolean }): Expression {
  const expression = readExpression(key, part);
  if (!isValue(expression)) part.number(range);
  return expression;
}

/** The value of such an expression may have any type and is known only at run time. */
function isValue({ template }: Expression): boolean {
  return template.kind === 'reference' || template.kind === 'jmespath';
}
