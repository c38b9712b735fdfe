import type { PlanWorkflowCall } from '@toolplane/contracts';
import type { Parameter } from '../model.ts';
import type { WorkflowContext, WorkflowEntry } from './context.ts';
import { declaredInputs, requiredInputs } from './declared-inputs.ts';
import type { ExpressionLocation } from './expression-location.ts';
import { parseValue } from './parse-in-place.ts';

/** Compiles the call of a workflow by a step or an action: every parameter is an input. */
export function compileCall(
  entry: WorkflowEntry,
  parameters: Parameter[],
  location: ExpressionLocation,
  context: WorkflowContext,
): PlanWorkflowCall {
  const { inputs: schema } = entry.workflow;
  const { names } = declaredInputs(schema);
  const isClosed = schema?.['additionalProperties'] === false;
  const given = parameters.filter(({ name }) => !isClosed || names.includes(name));
  for (const parameter of parameters) {
    if (!names.includes(parameter.name)) warnOfUndeclared(parameter, entry, isClosed, context);
  }
  return {
    workflowIndex: entry.index,
    inputs: given.map(({ name, value }) => [name, parseValue(value, location, context)]),
  };
}

/** Reports required inputs that no parameter sets: such a call never succeeds. */
export function checkInputs(
  { workflow }: WorkflowEntry,
  parameters: Parameter[],
  at: Parameter['part'],
  severity: 'error' | 'warn',
  { report }: WorkflowContext,
): void {
  const given = new Set(parameters.map(({ name }) => name));
  const missing = requiredInputs(workflow.inputs ?? {}).filter((name) => !given.has(name));
  if (missing.length === 0) return;
  const message = `The workflow "${workflow.id}" requires ${missing.join(', ')}, which is not passed to it`;
  report(severity, at, 'missing_input', message, 'Add a parameter, or a default in the schema of the workflow inputs.');
}

/**
 * Compiles the call of a workflow that this one depends on. It receives the inputs of this workflow that it also
 * declares, under the same names; the others have their defaults.
 */
export function compileDependency(
  entry: WorkflowEntry,
  at: Parameter['part'],
  context: WorkflowContext,
): PlanWorkflowCall {
  const { workflow, report } = context;
  const own = declaredInputs(workflow.inputs);
  const { names } = declaredInputs(entry.workflow.inputs);
  const isGiven = (name: string) => own.isOpen || own.names.includes(name);
  const missing = requiredInputs(entry.workflow.inputs ?? {}).filter((name) => !isGiven(name));
  if (missing.length > 0) {
    const message = `The workflow "${entry.workflow.id}" requires ${missing.join(', ')}, which "${workflow.id}" has no input for`;
    report('error', at, 'missing_input', message, 'Declare an input of the same name, or a default there.');
  }
  return {
    workflowIndex: entry.index,
    inputs: names.filter(isGiven).map((name) => [name, { kind: 'reference', path: ['inputs', name] }]),
  };
}

function warnOfUndeclared(
  { part, name }: Parameter,
  { workflow }: WorkflowEntry,
  isClosed: boolean,
  { report }: WorkflowContext,
): void {
  const message = `The workflow "${workflow.id}" declares no input "${name}"`;
  const hint = isClosed ? 'It is left out, because that workflow refuses undeclared inputs.' : 'It is passed anyway.';
  report('warn', part, 'undeclared_input', message, hint);
}
