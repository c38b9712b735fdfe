import type { Condition, PlanStep } from '@toolplane/contracts';
import { ownStepId } from '../check/sort-steps.ts';
import { compileFailureActions, compileSuccessActions } from './compile-actions.ts';
import { checkInputs, compileCall } from './compile-call.ts';
import { compileCriteria } from './compile-criteria.ts';
import { compileOutputs } from './compile-outputs.ts';
import { compileRequest } from './compile-request.ts';
import type { StepContext, WorkflowContext } from './context.ts';
import { defaultSuccess } from './default-success.ts';
import { secretsIn } from './secrets-in.ts';

export function compileStep(step: StepContext, context: WorkflowContext): PlanStep {
  const { id, outputs, timeoutMs } = step.step;
  const { secrets, ...target } = compileTarget(step, context);
  const dependsOn = dependenciesOf(step, context);
  return {
    id,
    ...target,
    secrets,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    outputs: compileOutputs(outputs, (position) => ({ kind: 'step output', step, position }), context),
    actions: compileSuccessActions(step, context),
    failure: { succeeds: compileSuccess(step, context), actions: compileFailureActions(step, context) },
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
  };
}

type Target = Pick<PlanStep, 'request' | 'call' | 'secrets' | 'tokens'>;

function compileTarget(step: StepContext, context: WorkflowContext): Target {
  const { target, parameters } = step;
  if (target === undefined) return { secrets: [] };
  if (target.kind === 'workflow') {
    checkInputs(target.entry, parameters, step.step.part, 'warn', context);
    return { call: compileCall(target.entry, parameters, { kind: 'call', step }, context), secrets: [] };
  }
  const compiled = compileRequest(step, target.found, context);
  if (compiled === undefined) return { secrets: [] };
  const { request, tokens } = compiled;
  const names = tokens.map(({ name }) => name);
  const secrets = secretsIn(request).filter((name) => !names.includes(name));
  return { request, secrets, ...(tokens.length === 0 ? {} : { tokens }) };
}

function compileSuccess(step: StepContext, context: WorkflowContext): Condition {
  const { successCriteria = [] } = step.step;
  return compileCriteria(successCriteria, { kind: 'criterion', step }, context) ?? defaultSuccess(step, context);
}

function dependenciesOf({ step }: StepContext, { workflow, steps, report }: WorkflowContext): number[] {
  const indexes = step.dependsOn.flatMap((reference) => {
    const text = String(reference.value);
    const id = ownStepId(text, workflow.id);
    if (id.startsWith('$')) {
      const hint = 'Name that workflow in the "dependsOn" of this one, or call it in an earlier step.';
      report('warn', reference, 'dependency_elsewhere', 'A step cannot wait for a step of another workflow', hint);
    } else if (id !== text) {
      report('warn', reference, 'lenient_target', 'This names a step of the same workflow', `Write ${id}.`);
    }
    return steps.filter((each) => each.step.id === id).map(({ index }) => index);
  });
  return [...new Set(indexes)];
}
