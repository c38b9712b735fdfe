import type { Condition, PlanAction } from '@toolplane/contracts';
import type { Action } from '../model.ts';
import { checkInputs, compileCall } from './compile-call.ts';
import { compileCriteria } from './compile-criteria.ts';
import type { StepContext, WorkflowContext } from './context.ts';
import { findWorkflow } from './find-workflow.ts';

const RETRIES_DEFAULT = 1;

/** Compiles the actions after a success. If no action matches, the next step follows. */
export function compileSuccessActions(step: StepContext, context: WorkflowContext): PlanAction[] {
  const actions = step.onSuccess.flatMap((action) => compileAction(action, step, context));
  const isDecided = actions.some(({ when }) => when === undefined);
  return actions.length === 0 || isDecided ? actions : [...actions, { do: 'next' }];
}

/** Compiles the actions after a failure. If no action matches, the workflow fails. */
export function compileFailureActions(step: StepContext, context: WorkflowContext): PlanAction[] {
  const isError = context.document.settings.endOnFailureIsError;
  return step.onFailure.flatMap((action): PlanAction[] => {
    if (action.type === 'end' && isError) return [{ do: 'fail', ...whenOf(action, step, context) }];
    if (action.type === 'retry') return compileRetry(action, step, context);
    return compileAction(action, step, context);
  });
}

/** Returns an empty list for an action whose target does not exist, which is reported. */
function compileAction(action: Action, step: StepContext, context: WorkflowContext): PlanAction[] {
  const when = whenOf(action, step, context);
  if (action.type === 'end') return [{ do: 'end', ...when }];
  if (action.workflowId !== undefined) {
    const to = compileTarget(action, step, context);
    return to === undefined ? [] : [{ do: 'transfer', ...when, to }];
  }
  const stepIndex = indexOf(action, context);
  return stepIndex === undefined ? [] : [{ do: 'goto', ...when, stepIndex }];
}

function compileRetry(action: Action, step: StepContext, context: WorkflowContext): PlanAction[] {
  const { retryAfterSeconds = 0, retryLimit = RETRIES_DEFAULT, workflowId, stepId } = action;
  const workflow = workflowId === undefined ? undefined : compileTarget(action, step, context);
  const stepIndex = stepId === undefined ? undefined : indexOf(action, context);
  // The step itself runs again in any case.
  const other = stepIndex === undefined || stepIndex === step.index ? undefined : { stepIndex };
  const first = workflow ?? other;
  return [
    {
      do: 'retry',
      ...whenOf(action, step, context),
      waitMs: Math.round(retryAfterSeconds * 1000),
      retriesMax: retryLimit,
      retryAfterMsMax: Math.round(context.document.settings.retryAfterSecondsMax * 1000),
      ...(first === undefined ? {} : { first }),
    },
  ];
}

function compileTarget({ workflowId, parameters, part }: Action, step: StepContext, context: WorkflowContext) {
  const entry = workflowId === undefined ? undefined : findWorkflow(workflowId, context);
  if (entry === undefined) return undefined;
  checkInputs(entry, parameters, part, 'error', context);
  return compileCall(entry, parameters, { kind: 'action', step }, context);
}

function indexOf({ stepId }: Action, { steps }: WorkflowContext): number | undefined {
  return steps.find(({ step }) => step.id === stepId?.value)?.index;
}

function whenOf({ criteria }: Action, step: StepContext, context: WorkflowContext): { when?: Condition } {
  const when = compileCriteria(criteria, { kind: 'criterion', step }, context);
  return when === undefined ? {} : { when };
}
