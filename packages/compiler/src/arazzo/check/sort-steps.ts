import type { Step, Workflow } from '../model.ts';

/**
 * Sorts steps so that each follows its dependencies, as close to the document's order as possible. If there is a cycle,
 * the order stays unchanged. Ids that no step has are not dependencies.
 */
export function sortSteps(
  steps: Step[],
  dependenciesOf: (step: Step) => Iterable<string>,
): { order: Step[]; cycle?: Step[] } {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const needs = new Map(
    steps.map((step) => [step, [...dependenciesOf(step)].flatMap((id) => byId.get(id) ?? [])] as const),
  );
  const order = new Set<Step>();
  while (order.size < steps.length) {
    const next = steps.find((step) => !order.has(step) && needs.get(step)?.every((needed) => order.has(needed)));
    if (next === undefined) return { order: steps, cycle: findCycle(steps, needs, order) };
    order.add(next);
  }
  return { order: [...order] };
}

/** Every step that could not be sorted needs another such step, so following them closes a cycle. */
function findCycle(steps: Step[], needs: ReadonlyMap<Step, Step[]>, placed: ReadonlySet<Step>): Step[] {
  const way: Step[] = [];
  let step = steps.find((each) => !placed.has(each));
  while (step !== undefined && !way.includes(step)) {
    way.push(step);
    step = needs.get(step)?.find((needed) => !placed.has(needed));
  }
  return step === undefined ? way : way.slice(way.indexOf(step));
}

/** Returns the ids of the steps of the same workflow, which may also be named in full. */
export function dependsOnOf({ dependsOn }: Step, { id: workflowId }: Workflow): string[] {
  return dependsOn.map(({ value }) => ownStepId(String(value), workflowId)).filter((id) => !id.startsWith('$'));
}

/** Returns the id in `$workflows.<this one>.steps.<id>`, and any other text unchanged. */
export function ownStepId(text: string, workflowId: string): string {
  const prefix = `$workflows.${workflowId}.steps.`;
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}
