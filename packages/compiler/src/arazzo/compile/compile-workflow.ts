import { definedOnly, type PlanWorkflow } from '@toolplane/contracts';
import { actionsOf } from '../check/actions-of.ts';
import { traceSteps } from '../check/trace-steps.ts';
import type { Parameter, Step, Workflow } from '../model.ts';
import { findOperation } from '../sources/find-operation.ts';
import { compileDependency } from './compile-call.ts';
import { compileOutputs } from './compile-outputs.ts';
import { compileStep } from './compile-step.ts';
import type { DocumentContext, StepContext, StepTarget, WorkflowContext, WorkflowEntry } from './context.ts';
import { declaredInputs } from './declared-inputs.ts';
import { findWorkflow } from './find-workflow.ts';
import { type CompiledWorkflow, toCompiled } from './link-plan.ts';
import { orderCompiled } from './order-compiled.ts';
import { findParallel } from './parallel-steps.ts';

/** Compiles a workflow. If it has errors, the result is only a placeholder and is never run. */
export function compileWorkflow({ workflow, context: document }: WorkflowEntry): CompiledWorkflow {
  const context = toContext(orderOf(workflow, document), workflow, document);
  const steps = context.steps.map((step) => compileStep(step, context));
  const parallel = findParallel(context, steps);
  const dependsOn = workflow.dependsOn.flatMap((reference) => {
    const entry = findWorkflow(reference, document);
    return entry === undefined ? [] : [compileDependency(entry, reference, context)];
  });
  const plan: PlanWorkflow = {
    id: workflow.id,
    ...definedOnly({ inputSchema: workflow.inputs, dependsOn: dependsOn.length === 0 ? undefined : dependsOn }),
    steps: steps.map((step, index) => (parallel.has(index) ? { ...step, isParallel: true } : step)),
    outputs: compileOutputs(workflow.outputs, () => ({ kind: 'output' }), context),
  };
  const operations = context.steps.flatMap(({ target }) => (target?.kind === 'operation' ? [target.found] : []));
  return toCompiled(plan, operations);
}

/** The order in which the steps are written, unless a step declares dependencies. */
function orderOf(workflow: Workflow, document: DocumentContext): Step[] {
  const { steps } = workflow;
  if (steps.every(({ dependsOn }) => dependsOn.length === 0)) return steps;
  return orderCompiled(toContext(steps, workflow, { ...document, report: () => undefined }));
}

function toContext(order: Step[], workflow: Workflow, document: DocumentContext): WorkflowContext {
  const steps = order.map((step, index) => toStepContext(step, index, workflow, document));
  return { ...document, workflow, steps, flow: traceSteps(steps) };
}

function toStepContext(step: Step, index: number, workflow: Workflow, document: DocumentContext): StepContext {
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

/**
 * A called workflow receives all parameters of its step. Of the parameters of the calling workflow, it receives only
 * those that it declares or that have no location in a request.
 */
function parametersOf({ parameters }: Step, ofWorkflow: Parameter[], target: StepTarget | undefined): Parameter[] {
  if (target?.kind !== 'workflow') return mergeParameters(parameters, ofWorkflow);
  const { names } = declaredInputs(target.entry.workflow.inputs);
  const own = new Set(parameters.map(({ name }) => name));
  const shared = ofWorkflow.filter(({ name, in: place }) => {
    return !own.has(name) && (place === undefined || names.includes(name));
  });
  return [...parameters, ...shared];
}

/** Returns the parameters of the step, followed by those of the workflow that the step does not set itself. */
function mergeParameters(ofStep: Parameter[], ofWorkflow: Parameter[]): Parameter[] {
  const own = new Set(ofStep.map(keyOf));
  return [...ofStep, ...ofWorkflow.filter((parameter) => !own.has(keyOf(parameter)))];
}

/** A parameter is identified by its name and its location. Only header names are case-insensitive. */
function keyOf({ name, in: place }: Parameter): string {
  return `${place ?? ''} ${place === 'header' ? name.toLowerCase() : name}`;
}
