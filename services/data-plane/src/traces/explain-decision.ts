import type { Condition, DebugCriterion, DebugDecision, PlanStep } from '@toolplane/contracts';
import { type Budget, compileCondition, type EvaluateCondition, type Scope } from '@toolplane/expressions';
import { isSpent as isSpentAction } from '../execution/choose-action.ts';
import { budgetFor } from '../execution/evaluation-budget.ts';
import type { PreparedPlan, PreparedStep, PreparedWorkflow } from '../execution/prepare-plan.ts';
import type { Visit } from '../execution/visit.ts';

/**
 * Explains why a step chose its action: every criterion is evaluated, even after the decisive one (Arazzo requires this
 * of a runtime that shows which criteria hold). The criteria that the run itself evaluates have the same result as in
 * the run; all others have a separate budget of the same size, and exceeding it is an error.
 */
export function explainDecision(
  prepared: PreparedPlan,
  workflow: PreparedWorkflow,
  step: PreparedStep,
  { scope, hasFailed, visit }: { scope: Scope; hasFailed: boolean; visit: Visit },
): DebugDecision | undefined {
  const planStep = stepOfPlan(prepared, workflow, step);
  const rules = hasFailed ? planStep?.failure?.actions : planStep?.actions;
  const preparedActions = hasFailed ? step.failure?.actions : step.actions;
  if (planStep === undefined || rules === undefined || (rules.length === 0 && planStep.failure === undefined)) {
    return undefined;
  }
  const budgets = criteriaBudgets();
  let isChosen = false;
  const actions = rules.map(({ do: type, when }, index) => {
    const action = preparedActions?.[index];
    const isSpent = action !== undefined && isSpentAction(action, visit);
    const criteria = when === undefined ? [] : evaluateAll(when, scope, budgets, isChosen || isSpent);
    const matches = criteria.every(({ holds }) => holds === true);
    isChosen ||= matches && !isSpent;
    return { type, matches, criteria, ...(isSpent ? { is_spent: true as const } : {}) };
  });
  const chosen = actions.findIndex((action) => action.matches && action.is_spent !== true);
  const { failure } = planStep;
  const hasAnswer = scope.response !== undefined;
  return {
    ...(failure === undefined || !hasAnswer
      ? {}
      : { success_criteria: evaluateAll(failure.succeeds, scope, criteriaBudgets()) }),
    has_succeeded: !hasFailed,
    actions,
    ...(chosen < 0 ? {} : { chosen }),
  };
}

function stepOfPlan({ plan }: PreparedPlan, workflow: PreparedWorkflow, { index }: PreparedStep): PlanStep | undefined {
  const { steps } = workflow.index === undefined ? plan : (plan.workflows?.[workflow.index] ?? plan);
  return steps[index];
}

/** `own` is the budget for criteria that the run itself evaluates. */
type Budgets = { own: Budget; rest: Budget };

function criteriaBudgets(): Budgets {
  const create = () => budgetFor('expression_failed', 'The criteria compare values that are far too large');
  return { own: create(), rest: create() };
}

/**
 * If `isDecided` is set, the run evaluates none of the criteria. After one that does not hold, it evaluates no more.
 */
function evaluateAll(condition: Condition, scope: Scope, budgets: Budgets, isDecided = false): DebugCriterion[] {
  const criteria = condition.kind === 'and' ? condition.of : [condition];
  let isOver = isDecided;
  return criteria.map((criterion) => {
    const holds = evaluate(criterion, scope, isOver ? budgets.rest : budgets.own);
    isOver ||= holds !== true;
    return { kind: kindOf(criterion), holds };
  });
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

/** Plans are cached, so their compiled conditions are cached, too. */
const known = new WeakMap<Condition, EvaluateCondition>();

function compiled(criterion: Condition): EvaluateCondition {
  const found = known.get(criterion) ?? compileCondition(criterion);
  known.set(criterion, found);
  return found;
}
