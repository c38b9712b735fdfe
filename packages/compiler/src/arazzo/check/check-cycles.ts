import type { Part } from '../../document/part.ts';
import type { Workflow } from '../model.ts';

/** Maps each workflow to the workflows that it leads to, with the location of the reference. */
type Edges = ReadonlyMap<string, ReadonlyMap<string, Part>>;

/**
 * Workflows that wait for each other can never run. Workflows that call or go to each other can, as long as a run
 * leaves the cycle before it exceeds the limit on steps.
 */
export function checkCycles(workflows: Workflow[]): void {
  const waiting = toEdges(workflows, ({ dependsOn }) => dependsOn);
  const cyclic = report(waiting, (place, path) => {
    const hint = 'None of them can run first: remove one of the dependencies.';
    place.error('dependency_cycle', `Workflows depend on each other: ${path}`, hint);
  });
  const leading = toEdges(workflows, (workflow) => [...workflow.dependsOn, ...callsOf(workflow)]);
  const others = new Map([...leading].filter(([id]) => !cyclic.has(id)));
  report(others, (place, path) => {
    const hint = 'A run that does not leave this cycle is stopped.';
    place.warn('workflow_cycle', `Workflows lead to each other in a cycle: ${path}`, hint);
  });
}

function toEdges(workflows: Workflow[], referencesOf: (workflow: Workflow) => Part[]): Edges {
  return new Map(
    workflows.map((workflow) => [
      workflow.id,
      new Map(referencesOf(workflow).map((reference) => [String(reference.value), reference])),
    ]),
  );
}

function callsOf({ steps, successActions, failureActions }: Workflow): Part[] {
  const called = steps.flatMap(({ target }) => {
    // A target without text has already been reported and can have any value.
    return target.kind === 'workflowId' && target.text !== '' ? [target.part] : [];
  });
  const actions = steps.flatMap(({ onSuccess = [], onFailure = [] }) => [...onSuccess, ...onFailure]);
  const gone = [...actions, ...successActions, ...failureActions].flatMap(({ workflowId }) => workflowId ?? []);
  return [...called, ...gone];
}

/** Reports each cycle once. Returns the workflows of all cycles. */
function report(edges: Edges, onCycle: (place: Part, path: string) => void): Set<string> {
  const reported = new Set<string>();
  for (const start of edges.keys()) {
    if (reported.has(start)) continue;
    const cycle = findCycle(start, edges);
    const [next = start] = cycle?.slice(1) ?? [];
    const place = edges.get(start)?.get(next);
    if (cycle === undefined || place === undefined) continue;
    onCycle(place, [...cycle, start].map((id) => `"${id}"`).join(' → '));
    for (const id of cycle) reported.add(id);
  }
  return reported;
}

/** Finds the shortest path from a workflow back to itself. */
function findCycle(start: string, edges: Edges): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const waiting = [start];
  for (const id of waiting) {
    for (const next of edges.get(id)?.keys() ?? []) {
      if (next === start) return pathTo(id, start, cameFrom);
      if (cameFrom.has(next) || !edges.has(next)) continue;
      cameFrom.set(next, id);
      waiting.push(next);
    }
  }
  return undefined;
}

function pathTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const path = [end];
  for (let id: string | undefined = end; id !== undefined && id !== start; ) {
    id = cameFrom.get(id);
    if (id !== undefined) path.unshift(id);
  }
  return path;
}
