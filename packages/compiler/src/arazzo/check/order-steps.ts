import type { Step, Workflow } from '../model.ts';
import { dependsOnOf, sortSteps } from './sort-steps.ts';

/**
 * Returns the steps of a workflow in the order in which they run: the order of the document, changed only by explicit
 * and implicit dependencies. A cycle is reported.
 */
export function orderSteps(workflow: Workflow, implicit: (step: Step) => Iterable<string> = () => []): Step[] {
  const explicit = (step: Step) => dependsOnOf(step, workflow);
  const { order, cycle } = sortSteps(workflow.steps, (step) => [...explicit(step), ...implicit(step)]);
  // A cycle of `dependsOn` alone is reported when the document is checked.
  if (cycle !== undefined && sortSteps(workflow.steps, explicit).cycle === undefined) reportCycle(cycle);
  return order;
}

export function reportCycle(cycle: Step[]): void {
  const [first] = cycle;
  const way = [...cycle, ...cycle.slice(0, 1)].map(({ id }) => `"${id}"`).join(' → ');
  const hint = 'None of them can run first: remove one of the dependencies.';
  const place = first?.part.member('dependsOn') ?? first?.part;
  place?.error('dependency_cycle', `Steps depend on each other: ${way}`, hint);
}
