import type { PlanWorkflow } from '@toolplane/contracts';
import type { FoundOperation } from '../sources/find-operation.ts';
import { walkPlan } from './walk-plan.ts';

/**
 * Compiled once for all tools: calls and paths in it name workflows by their index among all that are compiled. `calls`
 * are those that it can come to at once, `operations` those of its own steps.
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

/** All that a workflow can come to, each once; itself only where it is called again. */
export function listReachable(main: CompiledWorkflow, compiled: readonly CompiledWorkflow[]): Set<number> {
  const reached = new Set(main.calls);
  for (const index of reached) for (const next of compiled[index]?.calls ?? []) reached.add(next);
  return reached;
}

/** A workflow as the main one of a plan, with those that it can come to. Their indexes become those of the plan. */
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
        // One that this tool never comes to has neither inputs nor outputs.
        return path.with(1, String(indexes.get(Number(path[1])) ?? 'none'));
      },
    });
  };
  return { main: relink(main), workflows: reachable.flatMap((index) => compiled[index] ?? []).map(relink) };
}

/** The schema of the inputs is the document's own, and is not looked into. */
function walkParts(workflow: PlanWorkflow, visitor: Parameters<typeof walkPlan>[1]): PlanWorkflow {
  const { inputSchema, ...parts } = workflow;
  return { ...(inputSchema === undefined ? {} : { inputSchema }), ...walkPlan(parts, visitor) };
}
