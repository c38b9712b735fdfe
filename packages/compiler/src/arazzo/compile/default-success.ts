import type { ComparisonOperator, Condition } from '@toolplane/contracts';
import type { StepContext, WorkflowContext } from './context.ts';

const status: Condition = { kind: 'reference', path: ['response', 'status'] };

/**
 * The success condition of a step without criteria: any 2xx, or every status that the operation does not document as an
 * error. A called workflow determines its own success.
 */
export function defaultSuccess({ target }: StepContext, { document }: WorkflowContext): Condition {
  if (target?.kind !== 'operation') return { kind: 'literal', value: true };
  const isAny = document.settings.defaultSuccess === '2xx';
  return { kind: 'simple', of: isAny ? within(200, 300) : documented(target.found.operation.statuses) };
}

function documented(statuses: string[]): Condition {
  const ranges = statuses.flatMap((text): Condition[] => {
    if (text === 'default') return [within(100, 400)];
    const hundred = Number(text[0]) * 100;
    if (/^[1-3]xx$/i.test(text)) return [within(hundred, hundred + 100)];
    return /^[1-3]\d\d$/.test(text) ? [compare('==', Number(text))] : [];
  });
  const [first = within(200, 300), ...others] = ranges;
  return others.length === 0 ? first : { kind: 'or', of: [first, ...others] };
}

function within(min: number, below: number): Condition {
  return { kind: 'and', of: [compare('>=', min), compare('<', below)] };
}

function compare(operator: ComparisonOperator, value: number): Condition {
  return { kind: 'compare', operator, left: status, right: { kind: 'literal', value } };
}
