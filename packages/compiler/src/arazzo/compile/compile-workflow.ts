import { actionsOf } from '../check/actions-of.ts';
import { orderSteps } from '../check/order-steps.ts';
import type { Parameter, Step } from '../model.ts';
import { findOperation } from '../sources/find-operation.ts';
import { compileDependency } from './compile-call.ts';
import { compileOutputs } from './compile-outputs.ts';
import { compileStep } from './compile-step.ts';
import type { DocumentContext, StepContext, StepTarget, WorkflowContext } from './context.ts';
import { declaredInputs } from './declared-inputs.ts';
import { findWorkflow } from './find-workflow.ts';
import { type CompiledWorkflow, toCompiled } from './link-plan.ts';
import { mergeParameters } from './merge-parameters.ts';
import { findParallel } from './parallel-steps.ts';
import { stepsNamedBy } from './step-references.ts';
import { traceSteps } from './trace-steps.ts';
import type { WorkflowEntry } from './workflow-table.ts';

/** For what has an error, something that is never run. */
export function compileWorkflow({ workflow, context: document }: WorkflowEntry): CompiledWorkflow {
  const steps = orderOf(workflow).map((step, index) => toStepContext(step, index, workflow, document));
  const context: WorkflowContext = { ...document, workflow, steps, flow: traceSteps(steps) };
  const parallel = findParallel(context);
  const dependsOn = workflow.dependsOn.flatMap((reference) => {
    const entry = findWorkflow(reference, document);
    return entry === undefined ? [] : [compileDependency(entry, reference, context)];
  });
  return toCompiled({
    id: workflow.id,
    ...(workflow.inputs === undefined ? {} : { inputSchema: workflow.inputs }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    steps: steps.map((step) => compileStep(step, parallel.has(step), context)),
    outputs: compileOutputs(workflow.outputs, () => ({ kind: 'output' }), context),
  });
}

/** As they are written, unless a step says what it depends on: then what it takes of others counts as well. */
function orderOf(workflow: WorkflowEntry['workflow']): Step[] {
  const isOrdered = workflow.steps.some(({ dependsOn }) => dependsOn.length > 0);
  return isOrdered ? orderSteps(workflow, stepsNamedBy) : workflow.steps;
}

function toStepContext(
  step: Step,
  index: number,
  workflow: WorkflowEntry['workflow'],
  document: DocumentContext,
): StepContext {
  const target = findTarget(step, document);
  return {
    step,
    index,
    ...(target === undefined ? {} : { target }),
    parameters: parametersOf(step, workflow.parameters, target),
    ...actionsOf(step, workflow, document.document.settings),
  };
}

function findTarget({ target }: Step, context: DocumentContext): StepTarget | undefined {
  if (target.text === '' || target.kind === 'channelPath') return undefined;
  if (target.kind === 'workflowId') {
    const entry = findWorkflow(target.part, context);
    return entry === undefined ? undefined : { kind: 'workflow', entry };
  }
  const found = findOperation(target, context.document, context.sources);
  if (found === undefined) return undefined;
  const { report } = context;
  if ('problem' in found) {
    const { code, message, hint } = found.problem;
    report('error', target.part, code, message, hint);
    return undefined;
  }
  if (found.leniency !== undefined) {
    report('warn', target.part, 'lenient_target', found.leniency, 'Write it as the specification does.');
  }
  if (found.operation.isDeprecated) {
    const hint = 'Look for the operation that replaces it.';
    report('warn', target.part, 'deprecated_operation', 'The operation is deprecated', hint);
  }
  return { kind: 'operation', found };
}

/** A called workflow gets, of the parameters of all steps, only those that it knows or that have no place in a request. */
function parametersOf({ parameters }: Step, ofWorkflow: Parameter[], target: StepTarget | undefined): Parameter[] {
  if (target?.kind !== 'workflow') return mergeParameters(parameters, ofWorkflow);
  const { names } = declaredInputs(target.entry.workflow.inputs);
  const own = new Set(parameters.map(({ name }) => name));
  const shared = ofWorkflow.filter(({ name, in: place }) => {
    return !own.has(name) && (place === undefined || names.includes(name));
  });
  return [...parameters, ...shared];
}
