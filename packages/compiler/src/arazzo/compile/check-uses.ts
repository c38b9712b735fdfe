import type { WorkflowTable } from './context.ts';
import { type CompiledWorkflow, listReachable } from './link-plan.ts';

const HINT = 'Name it in "dependsOn" of this workflow, or call it in an earlier step.';

/**
 * Warns of values of workflows that never run in the same call. A call may begin with any workflow, which may run both
 * of them one after the other.
 */
export function checkUses(table: WorkflowTable, compiled: readonly CompiledWorkflow[]): void {
  const { uses } = table;
  if (uses.length === 0) return;
  const indexes = new Map([...table.entries].map(({ workflow, index }) => [workflow, index]));
  const runs = compiled.map((main, index) => new Set([index, ...listReachable(main, compiled)]));
  for (const { from, to, warn } of uses) {
    const index = indexes.get(from);
    if (index === undefined || runs.some((run) => run.has(index) && run.has(to.index))) continue;
    warn(
      'workflow_not_run',
      `The workflow "${to.workflow.id}" never runs in a call of this one: the value is always empty`,
      HINT,
    );
  }
}
