import type { ArazzoDocument, Workflow } from '../model.ts';
import { checkAsyncApi } from './check-async-api.ts';
import { checkControlFlow } from './check-control-flow.ts';
import { checkCycles } from './check-cycles.ts';
import { checkTargets } from './check-targets.ts';
import { checkToolNames } from './check-tool-names.ts';

/**
 * Checks one document without its sources and without parsing expressions. In the document of a source, only the
 * workflows that are used need to be correct.
 */
export function checkArazzo(document: ArazzoDocument, workflows: Workflow[] = document.workflows): void {
  for (const workflow of workflows) {
    checkAsyncApi(workflow, document);
    checkParameterLocations(workflow);
    checkTargets(workflow, document);
    checkControlFlow(workflow, document);
  }
  checkCycles(workflows);
  if (document.name === undefined) checkToolNames(workflows);
}

/** The parameters of a workflow are passed to each of its steps, and an operation needs to know their location. */
function checkParameterLocations({ steps, parameters }: Workflow): void {
  if (steps.every(({ target }) => target.kind === 'workflowId')) return;
  for (const { part, name, in: place } of parameters) {
    if (place !== undefined) continue;
    const hint = 'Write where it goes, for example in: query.';
    part.warn('missing_place', `"${name}" is passed only to workflows: an operation requires "in"`, hint);
  }
}
