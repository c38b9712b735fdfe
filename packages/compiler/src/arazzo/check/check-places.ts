import type { Workflow } from '../model.ts';

/** The parameters of a workflow are passed to each of its steps, and an operation needs to know their location. */
export function checkPlaces({ steps, parameters }: Workflow): void {
  if (steps.every(({ target }) => target.kind === 'workflowId')) return;
  for (const { part, name, in: place } of parameters) {
    if (place !== undefined) continue;
    const hint = 'Write where it goes, for example in: query.';
    part.warn('missing_place', `"${name}" is passed only to workflows: an operation requires "in"`, hint);
  }
}
