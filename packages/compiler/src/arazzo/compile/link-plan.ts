import type { PlanWorkflow } from '@toolplane/contracts';
import type { FoundOperation } from '../sources/find-operation.ts';
import { walkPlan } from './walk-plan.ts';

/**
 * A workflow, compiled once for all tools: its calls and paths name workflows by their index among all compiled
 * workflows. `calls` lists the workflows that it calls directly, and `operations` the operations of its own steps.
 */
export type CompiledWorkflow = {
  workflow: PlanWorkflow;
  calls: readonly number[];
  operations: readonly FoundOperation[];
};

export function toCompiled(workflow: PlanWorkflow, operations: readonly FoundOperation[]): CompiledWorkflow {
  const calls = new Set<number>();
  walkParts(workflow, {
    workflowIndex(index) {
      calls.add(index);
      return index;
    },
  });
  return { workflow, calls: [...calls], operations };
}

/** Lists every workflow that a workflow can reach, each once; itself only if it is called again. */
export function listReachable(main: CompiledWorkflow, compiled: readonly CompiledWorkflow[]): Set<number> {
  const reached = new Set(main.calls);
  for (const index of reached) for (const next of compiled[index]?.calls ?? []) reached.add(next);
  return reached;
}

/**
 * Links a workflow as the main one of a plan with all workflows that it can reach. Their indexes become those of the
 * plan.
 */
export function linkPlan(
  main: CompiledWorkflow,
  compiled: readonly CompiledWorkflow[],
): { main: PlanWorkflow; workflows: PlanWorkflow[] } {
  const reachable = [...listReachable(main, compiled)];
  const indexes = new Map(reachable.map((index, place) => [index, place]));
  const relink = ({ workflow }: CompiledWorkflow): PlanWorkflow => {
    return walkParts(workflow, {
      workflowIndex: (index) => indexes.get(index) ?? index,
      path(path) {
        if (path[0] !== 'workflows') return path;
        // A workflow that this tool never reaches has neither inputs nor outputs.
        return path.with(1, String(indexes.get(Number(path[1])) ?? 'none'));
      },
    });
  };
  return { main: relink(main), workflows: reachable.flatMap((index) => compiled[index] ?? []).map(relink) };
}

/** The schema of the inputs belongs to the document and is not searched. */
function walkParts(workflow: PlanWorkflow, visitor: Parameters<typeof walkPlan>[1]): PlanWorkflow {
  const { inputSchema, ...parts } = workflow;
  return { ...(inputSchema === undefined ? {} : { inputSchema }), ...walkPlan(parts, visitor) };
}
