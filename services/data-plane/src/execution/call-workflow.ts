import { AppError, type JsonObject, planLimits, toAppError } from '@toolplane/contracts';
import type { Scope } from '@toolplane/expressions';
import { buildOutputs } from './build-outputs.ts';
import { budgetFor } from './evaluation-budget.ts';
import { estimateBytes, keepBytes } from './kept-bytes.ts';
import type { PreparedCall, PreparedStep } from './prepare-plan.ts';
import { emptyOutputs, startWorkflow, type WorkflowPosition, type WorkflowRun } from './run.ts';
import { runWorkflow } from './run-workflow.ts';
import { type Attempt, pathInside, type Visit } from './visit.ts';

/** About the maximum size of the arguments of a call. */
const INPUT_UNITS_MAX = 1024 * 1024;

/** The scope that the inputs come from, the step that makes the call, its visit, and the latest time for a response. */
export type CallSite = { scope: Scope; stepId: string; visitPath: string; visit?: Visit; deadline?: number };

/**
 * Documents judge a workflow by the status of its last response, although they receive nothing else of that response.
 */
export async function callFromStep(workflowRun: WorkflowRun, step: PreparedStep, attempt: Attempt): Promise<number> {
  const { scope } = attempt;
  const { outputs, status } = await callInTime(workflowRun, step, attempt);
  if (status !== undefined) scope.response = { status, headers: {} };
  scope.child = outputs;
  if (step.outputs.length === 0) Object.assign(scope.outputs, outputs);
  return 0;
}

/**
 * If a step has less time than its caller, running out of time is a timeout of the step, which a document can handle.
 * The rules for a failure see the status of the inner step that failed.
 */
async function callInTime(workflowRun: WorkflowRun, step: PreparedStep, { scope, visit }: Attempt) {
  const { run } = workflowRun;
  const deadline = Math.min(workflowRun.deadline, run.services.clock.now() + step.timeoutMs);
  try {
    const site = { scope, stepId: step.id, visitPath: pathInside(visit), visit, deadline };
    return await callWorkflow(workflowRun, callOf(step), site);
  } catch (thrown) {
    const { status } = run.failedSteps.get(thrown as Error) ?? {};
    if (status !== undefined) scope.response = { status, headers: {} };
    const isOurs = deadline < workflowRun.deadline && toAppError(thrown).code === 'deadline_exceeded';
    if (!isOurs) throw thrown;
    throw new AppError('upstream_timeout', 'The workflow took longer than the step allows', { cause: thrown });
  }
}

function callOf({ call }: PreparedStep): PreparedCall {
  if (call === undefined) throw new AppError('internal', 'A step of the plan does nothing');
  return call;
}

/** Runs a workflow that a step calls; returns its outputs and the status of the last response that it received. */
export async function callWorkflow(
  parent: WorkflowRun,
  call: PreparedCall,
  { scope, stepId, visitPath, visit = parent.calledBy, deadline = parent.deadline }: CallSite,
): Promise<{ outputs: JsonObject; status: number | undefined }> {
  if (parent.depth === planLimits.workflowDepthMax) {
    throw new AppError('loop_limit', `Workflows call each other more than ${planLimits.workflowDepthMax} levels deep`);
  }
  const position = { path: `${parent.path}${stepId}/`, visitPath, calledBy: visit, depth: parent.depth + 1, deadline };
  const traced = parent.run.trace?.startFlow(position.path, call.workflowIndex);
  try {
    const ended = await runCalled(parent, call, scope, position);
    traced?.end(ended.outputs);
    return ended;
  } catch (thrown) {
    traced?.fail(thrown);
    throw thrown;
  }
}

async function runCalled(
  parent: WorkflowRun,
  call: PreparedCall,
  scope: Scope,
  position: WorkflowPosition,
): Promise<{ outputs: JsonObject; status: number | undefined }> {
  const { run } = parent;
  const { workflow, scope: ownScope, status } = await runWorkflow(startOther(parent, call, scope, position));
  const budget = budgetFor(
    'response_too_large',
    'The values that the outputs of this workflow compute are far too large',
  );
  const outputs = buildOutputs(workflow.outputs, ownScope, budget, run.prepared);
  keepBytes(run.keptBytes, `outputs of workflow ${call.workflowIndex}`, estimateBytes(outputs));
  run.completed.add(call.workflowIndex);
  // A workflow that has passed control to another one for good returns the outputs of that one.
  for (const index of [call.workflowIndex, workflow.index ?? call.workflowIndex]) {
    const known = run.workflows[index];
    if (known !== undefined) known.outputs = outputs;
  }
  return { outputs, status };
}

/** Throws if the workflow does not accept the inputs. */
export function startOther(
  from: WorkflowRun,
  call: PreparedCall,
  scope: Scope,
  position: WorkflowPosition,
): WorkflowRun {
  const { run } = from;
  const workflow = run.prepared.workflows[call.workflowIndex];
  if (workflow === undefined) throw new AppError('internal', 'The plan calls a workflow that it does not contain');
  const inputs = workflow.checkInputs(buildInputs(call, scope), workflow.id);
  keepBytes(run.keptBytes, `inputs of ${position.path}${call.workflowIndex}`, estimateBytes(inputs));
  run.workflows[call.workflowIndex] = { inputs, outputs: emptyOutputs() };
  return startWorkflow(run, workflow, inputs, position);
}

function buildInputs({ inputs: templates }: PreparedCall, scope: Scope): JsonObject {
  const budget = budgetFor('expression_failed', 'The inputs of this workflow are too large', INPUT_UNITS_MAX);
  return buildOutputs(templates, scope, budget, { leavesOutAbsent: true });
}
