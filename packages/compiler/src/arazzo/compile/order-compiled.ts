import { orderSteps } from '../check/order-steps.ts';
import type { Step } from '../model.ts';
import { compileStep } from './compile-step.ts';
import type { WorkflowContext } from './context.ts';
import { stepsNamedIn } from './steps-named-in.ts';

/**
 * The order in which steps run when one of them says what it depends on: then what they take of others counts as well.
 * Only a compiled step shows all of that, so they are compiled in the order of the document first. `context` reports
 * nothing, because much is wrong in that order alone.
 */
export function orderCompiled(context: WorkflowContext): Step[] {
  const { workflow, steps, flow } = context;
  const needs = new Map(
    steps.map((step) => {
      const named = stepsNamedIn(compileStep(step, context));
      // A later step that leads back here gives what it gave the last time.
      const isMeant = ({ index }: { index: number }) =>
        index < step.index || (index > step.index && !flow.follows(index, step.index));
      return [step.step, steps.filter((each) => named.has(each.step.id) && isMeant(each)).map((each) => each.step.id)];
    }),
  );
  return orderSteps(workflow, (step) => needs.get(step) ?? []);
}
