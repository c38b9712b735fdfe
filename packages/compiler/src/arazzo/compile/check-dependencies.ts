import type { WorkflowEntry } from './context.ts';
import type { CompiledWorkflow } from './link-plan.ts';

/**
 * Workflows of several documents that wait for each other can never run. Cycles within one document are reported when
 * that document is checked.
 */
export function checkDependencies(entries: Iterable<WorkflowEntry>, compiled: readonly CompiledWorkflow[]): void {
  const all = [...entries];
  for (const { index, workflow, context } of all) {
    const elsewhere = dependenciesOf(index, compiled).filter((other) => all[other]?.context !== context);
    const cyclic = elsewhere.find((other) => reachableFrom(other, compiled).has(index));
    if (cyclic === undefined) continue;
    const message = `"${workflow.id}" and "${all[cyclic]?.workflow.id}" of another document depend on each other`;
    const hint = 'None of them can run first: remove one of the dependencies.';
    context.report('error', workflow.part.member('dependsOn') ?? workflow.part, 'dependency_cycle', message, hint);
  }
}

function dependenciesOf(index: number, compiled: readonly CompiledWorkflow[]): number[] {
  return (compiled[index]?.workflow.dependsOn ?? []).map(({ workflowIndex }) => workflowIndex);
}

function reachableFrom(start: number, compiled: readonly CompiledWorkflow[]): Set<number> {
  const reached = new Set([start]);
  for (const index of reached) for (const next of dependenciesOf(index, compiled)) reached.add(next);
  return reached;
}
