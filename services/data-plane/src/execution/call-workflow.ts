import { AppError, type JsonObject, planLimits } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import { buildOutputs } from './build-outputs.ts';
import { budgetFor } from './evaluation-budget.ts';
import { estimateBytes, keepBytes } from './kept-bytes.ts';
import type { PreparedCall } from './prepare-plan.ts';
import { emptyOutputs, startWorkflow, type WorkflowRun } from './run.ts';
import { runWorkflow } from './run-workflow.ts';

/** Runs a workflow that a step calls: gives its outputs, and the status of the last answer that it got. */
export async function callWorkflow(
  caller: WorkflowRun,
  call: PreparedCall,
  stepId: string,
): Promise<{ outputs: JsonObject; status: number | undefined }> {
  const { run } = caller;
  if (caller.depth === planLimits.workflowDepthMax) {
    throw new AppError('loop_limit', `Workflows call each other more than ${planLimits.workflowDepthMax} deep`);
  }
  const place = { path: `${caller.path}${stepId}/`, depth: caller.depth + 1 };
  const ended = await runWorkflow(startOther(caller, call, place));
  const budget = budgetFor('response_too_large', 'What the outputs of this workflow make of answers is far too large');
  const outputs = buildOutputs(ended.workflow.outputs, ended.scope, budget, run.prepared);
  const called = run.workflows[call.workflowIndex];
  if (called !== undefined) called.outputs = outputs;
  keepBytes(run.keptBytes, `workflow ${call.workflowIndex}`, estimateBytes(outputs));
  return { outputs, status: ended.status };
}

/** In the place of the workflow that goes there. Throws for inputs that the workflow does not take. */
export function startOther(
  from: WorkflowRun,
  call: PreparedCall,
  place: { path: string; depth: number } = from,
): WorkflowRun {
  const { run } = from;
  const workflow = run.prepared.workflows[call.workflowIndex];
  if (workflow === undefined) throw new AppError('internal', 'The plan calls a workflow that it does not have');
  const inputs = workflow.checkInputs(giveInputs(call, from.scope), workflow.id);
  run.workflows[call.workflowIndex] = { inputs, outputs: emptyOutputs() };
  return startWorkflow(run, workflow, inputs, place);
}

function giveInputs({ inputs: templates }: PreparedCall, scope: Scope): JsonObject {
  const budget = budgetFor('expression_failed', 'The inputs of this workflow are far too large');
  return buildOutputs(templates, scope, budget, { leavesOutAbsent: true });
}
