import { orderSteps } from '../check/order-steps.ts';
import type { Step } from '../model.ts';
import { compileStep } from './compile-step.ts';
import type { WorkflowContext } from './context.ts';
import { stepsNamedIn } from './steps-named-in.ts';

/**
 * Returns the order in which steps run if at least one of them declares dependencies: then the values that steps use of
 * each other count as well. Only compiled steps show all of these, so they are first compiled in the order of the
 * document. `context` must not report problems, because many of them exist only in that order.
 */
export function orderCompiled(context: WorkflowContext): Step[] {
  const { workflow, steps, flow } = context;
  const needs = new Map(
    steps.map((step) => {
      const named = stepsNamedIn(compileStep(step, context));
      // A later step that leads back here provides its value of the previous iteration.
      const isMeant = ({ index }: { index: number }) =>
        index < step.index || (index > step.index && !flow.follows(index, step.index));
      return [step.step, steps.filter((each) => named.has(each.step.id) && isMeant(each)).map((each) => each.step.id)];
    }),
  );
  return orderSteps(workflow, (step) => needs.get(step) ?? []);
}
