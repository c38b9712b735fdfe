import type { Step, Workflow } from '../model.ts';
import { dependsOnOf, sortSteps } from './sort-steps.ts';

/**
 * The order in which the steps of a workflow run: that of the document, but for what a step says it depends on, and
 * for what it depends on without saying so. A cycle is reported.
 */
export function orderSteps(workflow: Workflow, implicit: (step: Step) => Iterable<string> = () => []): Step[] {
  const explicit = (step: Step) => dependsOnOf(step, workflow);
  const { order, cycle } = sortSteps(workflow.steps, (step) => [...explicit(step), ...implicit(step)]);
  // One of `dependsOn` alone is reported where the document is checked.
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
