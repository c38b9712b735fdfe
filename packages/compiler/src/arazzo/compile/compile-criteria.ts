import type { Condition } from '@toolplane/contracts';
import { parseQuery, parseRegexCriterion, parseSimpleCriterion } from '@toolplane/expressions';
import type { Criterion } from '../model.ts';
import type { WorkflowContext } from './context.ts';
import type { ExpressionLocation } from './expression-location.ts';
import { hooksFor, parseValue } from './parse-in-place.ts';

/** Combines criteria so that all must hold. Returns undefined if there are none. */
export function compileCriteria(
  criteria: Criterion[],
  location: ExpressionLocation,
  context: WorkflowContext,
): Condition | undefined {
  const [first, ...others] = criteria.map((criterion) => compileCriterion(criterion, location, context));
  if (first === undefined) return undefined;
  return others.length === 0 ? first : { kind: 'and', of: [first, ...others] };
}

function compileCriterion(
  { type, condition, context: of }: Criterion,
  location: ExpressionLocation,
  context: WorkflowContext,
): Condition {
  const text = typeof condition.value === 'string' ? condition.value : '';
  const hooks = hooksFor(condition, location, context);
  if (type === 'simple') return parseSimpleCriterion(text, hooks);
  // The reader of the criterion has already reported that it is missing.
  if (of === undefined) return { kind: 'literal', value: false };
  const value = parseValue(of, location, context);
  if (value.kind === 'literal') {
    const hint = 'For example, write context: $response.body.';
    context.report(
      'warn',
      of,
      'literal_context',
      'The context is not an expression: the condition tests this text itself',
      hint,
    );
  }
  if (type === 'regex') return { kind: 'regex', in: value, ...parseRegexCriterion(text, hooks) };
  const compat = context.document.settings.jsonPathCompat;
  return { kind: 'query', in: value, query: parseQuery(type, text, hooks, { compat }) };
}
