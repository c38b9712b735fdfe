import type { Resolved } from '@toolplane/expressions';
import { suggestName } from '../../document/suggest-name.ts';
import { pageCursorUsed } from '../../tools/read-output-budget.ts';
import type { StepContext, WorkflowEntry } from './context.ts';
import { declaredInputs } from './declared-inputs.ts';
import { splitName } from './declared-name.ts';
import { isBeforeAnswer } from './expression-location.ts';
import { NOTHING, type Resolution } from './resolution.ts';

/** Resolves `$inputs.<name>`. */
export function resolveInput(name: string, segments: string[], { context, report }: Resolution): Resolved {
  const { names, isOpen } = declaredInputs(context.workflow.inputs);
  const split = splitName(name, names);
  if (split.name === 'cursor' && context.workflow.pagedOutput !== undefined) {
    report('error', pageCursorUsed.code, pageCursorUsed.message, pageCursorUsed.hint);
  }
  if (!split.isDeclared && !isOpen) {
    const hint = suggestName(name, names, 'Inputs of this workflow');
    report('warn', 'undeclared_input', `The workflow declares no input "${name}"`, hint);
  }
  return { path: ['inputs', split.name, ...split.members, ...segments] };
}

/** Resolves `$outputs.<name>`: an output of the workflow that the step calls, or else of the step itself. */
export function resolveOutput(name: string, segments: string[], resolution: Resolution): Resolved {
  const { location, text, report } = resolution;
  if (location.kind === 'output') {
    const hint = 'Refer to a step: $steps.<stepId>.outputs.<name>.';
    report('warn', 'no_current_step', `${text} belongs to whichever step ran last`, hint);
    return { path: ['outputs', name, ...segments] };
  }
  if (isBeforeAnswer(location)) {
    const hint = 'Refer to an earlier step: $steps.<stepId>.outputs.<name>.';
    report('warn', 'not_yet_known', `${text} is always empty here: the step has not run yet`, hint);
  }
  const { step, target } = location.step;
  const own = step.outputs.map((output) => output.name);
  const called = target?.kind === 'workflow' ? outputsOf(target.entry) : [];
  const ofCalled = splitName(name, called);
  const ofStep = splitName(name, own);
  if (target?.kind === 'workflow' && (ofCalled.isDeclared || !ofStep.isDeclared)) {
    if (!ofCalled.isDeclared) warnOfOutput(name, called, `the workflow "${target.entry.workflow.id}"`, resolution);
    return { path: ['child', ofCalled.name, ...ofCalled.members, ...segments] };
  }
  if (!ofStep.isDeclared) warnOfOutput(name, own, 'this step', resolution);
  else if (location.kind === 'step output' && own.indexOf(ofStep.name) >= location.position) {
    report('warn', 'output_not_built', `${text} is not available here yet`, 'Move it before this output.');
  }
  return { path: ['outputs', ofStep.name, ...ofStep.members, ...segments] };
}

/** Resolves `$steps.<id>.outputs.<name>`. */
export function resolveStep(
  { id, name }: { id: string; name: string },
  segments: string[],
  resolution: Resolution,
): Resolved {
  const { context, text, report } = resolution;
  const named = context.steps.find(({ step }) => step.id === id);
  if (named === undefined) {
    const ids = context.steps.map(({ step }) => step.id);
    report('error', 'unknown_step', `${text} does not name a step of this workflow`, suggestName(id, ids, 'Its steps'));
    return NOTHING;
  }
  checkHasRun(named, resolution);
  const declared = namesOf(named);
  const split = splitName(name, declared ?? []);
  if (!split.isDeclared && declared !== undefined) warnOfOutput(name, declared, `step "${id}"`, resolution);
  return { path: ['steps', id, 'outputs', split.name, ...split.members, ...segments] };
}

/** Resolves `$workflows.<id>.inputs.<name>` and `.outputs.<name>`. */
export function resolveWorkflow(
  { id, field, name }: { id: string; field: 'inputs' | 'outputs'; name: string },
  segments: string[],
  resolution: Resolution,
): Resolved {
  const { context, text, report } = resolution;
  const { document, table, workflow: own } = context;
  const workflow = document.workflows.find((each) => each.id === id);
  if (workflow === undefined) {
    const ids = document.workflows.map((each) => each.id);
    report(
      'error',
      'unknown_workflow',
      `${text} does not name a workflow of this document`,
      suggestName(id, ids, 'It has'),
    );
    return NOTHING;
  }
  if (workflow === own && field === 'inputs') return resolveInput(name, segments, resolution);
  return resolveWorkflowValue(table.entryOf(workflow, table.contextOf(context)), field, name, segments, resolution);
}

/** The index counts among all workflows; `linkPlan` converts it to the index in a plan. */
export function resolveWorkflowValue(
  entry: WorkflowEntry,
  field: 'inputs' | 'outputs',
  name: string,
  segments: string[],
  resolution: Resolution,
): Resolved {
  const { names, isOpen } =
    field === 'inputs' ? declaredInputs(entry.workflow.inputs) : { names: outputsOf(entry), isOpen: false };
  const split = splitName(name, names);
  const { context, report } = resolution;
  context.table.addUse({ from: context.workflow, to: entry, warn: (...problem) => report('warn', ...problem) });
  if (!split.isDeclared && !isOpen) warnOfOutput(name, names, `the workflow "${entry.workflow.id}"`, resolution, field);
  return { path: ['workflows', String(entry.index), field, split.name, ...split.members, ...segments] };
}

/** Returns undefined if the names cannot be known. */
function namesOf({ step, target }: StepContext): string[] | undefined {
  const own = step.outputs.map(({ name }) => name);
  if (own.length > 0 || step.target.kind !== 'workflowId') return own;
  return target?.kind === 'workflow' ? outputsOf(target.entry) : undefined;
}

function outputsOf({ workflow }: WorkflowEntry): string[] {
  return workflow.outputs.map(({ name }) => name);
}

function warnOfOutput(
  name: string,
  names: string[],
  owner: string,
  { report }: Resolution,
  field: 'inputs' | 'outputs' = 'outputs',
): void {
  const noun = field.slice(0, -1);
  const hint = suggestName(name, names, `Its ${field}`);
  report('warn', `unknown_${noun}`, `There is no ${noun} "${name}" of ${owner}: this is always empty`, hint);
}

/** A later step can only have run if an action leads back from it. */
function checkHasRun(named: StepContext, { context, location, text, report }: Resolution): void {
  if (location.kind === 'output') return;
  const { step } = location;
  const canHaveRun = named.index < step.index || (named.index === step.index && !isBeforeAnswer(location));
  if (canHaveRun) return;
  const hint = 'Refer to an earlier step, move this one, or name that one in "dependsOn".';
  if (context.flow.follows(named.index, step.index)) {
    report('warn', 'step_may_not_have_run', `${text} is empty until an action leads back here`, hint);
  } else if (named === step) {
    report('warn', 'not_yet_known', `${text} is always empty here: the step has not run yet`, hint);
  } else {
    report('error', 'step_not_run', `Step "${named.step.id}" cannot have run before this is needed`, hint);
  }
}
