import type { Condition, DebugCriterion, DebugDecision, PlanStep } from '@toolplane/contracts';
import { type Budget, compileCondition, type EvaluateCondition, type Scope } from '@toolplane/expressions';
import type { RetriesUsed } from '../execution/choose-action.ts';
import { budgetFor } from '../execution/evaluation-budget.ts';
import type { PreparedPlan, PreparedStep, PreparedWorkflow } from '../execution/prepare-plan.ts';

/**
 * Why a step leads where it does: every criterion is evaluated, also those after the one that decided (Arazzo: a runtime
 * that shows which criteria hold has to look at all of them). What they give is what the run itself finds, as far as they
 * take together no more work than the run gives to its own.
 */
export function explainDecision(
  prepared: PreparedPlan,
  workflow: PreparedWorkflow,
  step: PreparedStep,
  { scope, hasFailed, retriesUsed }: { scope: Scope; hasFailed: boolean; retriesUsed: RetriesUsed },
): DebugDecision | undefined {
  const planStep = stepOfPlan(prepared, workflow, step);
  const rules = hasFailed ? planStep?.failure?.actions : planStep?.actions;
  const preparedActions = hasFailed ? step.failure?.actions : step.actions;
  if (planStep === undefined || rules === undefined || (rules.length === 0 && planStep.failure === undefined)) {
    return undefined;
  }
  const budget = criteriaBudget();
  const actions = rules.map(({ do: type, when }, index) => {
    const criteria = when === undefined ? [] : evaluateAll(when, scope, budget);
    const action = preparedActions?.[index];
    const isSpent = action?.do === 'retry' && (retriesUsed.get(action) ?? 0) >= action.retriesMax;
    const matches = criteria.every(({ holds }) => holds === true);
    return { type, matches, criteria, ...(isSpent ? { is_spent: true as const } : {}) };
  });
  const chosen = actions.findIndex((action) => action.matches && action.is_spent !== true);
  const { failure } = planStep;
  const hasAnswer = scope.response !== undefined;
  return {
    ...(failure === undefined || !hasAnswer
      ? {}
      : { success_criteria: evaluateAll(failure.succeeds, scope, criteriaBudget()) }),
    ...{ has_succeeded: !hasFailed, actions },
    ...(chosen < 0 ? {} : { chosen }),
  };
}

function stepOfPlan({ plan }: PreparedPlan, workflow: PreparedWorkflow, { index }: PreparedStep): PlanStep | undefined {
  const { steps } = workflow.index === undefined ? plan : (plan.workflows?.[workflow.index] ?? plan);
  return steps[index];
}

function criteriaBudget(): Budget {
  return budgetFor('expression_failed', 'The criteria compare values that are far too large');
}

function evaluateAll(condition: Condition, scope: Scope, budget: Budget): DebugCriterion[] {
  const criteria = condition.kind === 'and' ? condition.of : [condition];
  return criteria.map((criterion) => ({ kind: kindOf(criterion), holds: evaluate(criterion, scope, budget) }));
}

function kindOf({ kind }: Condition): DebugCriterion['kind'] {
  return kind === 'simple' || kind === 'regex' || kind === 'query' ? kind : 'condition';
}

function evaluate(criterion: Condition, scope: Scope, budget: Budget): DebugCriterion['holds'] {
  let isWrong = false;
  budget.onFailedCriterion = () => (isWrong = true);
  try {
    const holds = compiled(criterion)(scope, budget);
    return isWrong ? 'error' : holds;
  } catch {
    return 'error';
  }
}

/** Plans are kept, and so are their conditions. */
const known = new WeakMap<Condition, EvaluateCondition>();

function compiled(criterion: Condition): EvaluateCondition {
  const found = known.get(criterion) ?? compileCondition(criterion);
  known.set(criterion, found);
  return found;
}
