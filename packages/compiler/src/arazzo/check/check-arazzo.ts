import type { ArazzoDocument, Workflow } from '../model.ts';
import { checkAsyncApi } from './check-async-api.ts';
import { checkControlFlow } from './check-control-flow.ts';
import { checkCycles } from './check-cycles.ts';
import { checkPlaces } from './check-places.ts';
import { checkTargets } from './check-targets.ts';
import { checkToolNames } from './check-tool-names.ts';

/**
 * Checks one document without its sources and without parsing expressions. In the document of a source, only the
 * workflows that are used need to be correct.
 */
export function checkArazzo(document: ArazzoDocument, workflows: Workflow[] = document.workflows): void {
  for (const workflow of workflows) {
    checkAsyncApi(workflow, document);
    checkPlaces(workflow);
    checkTargets(workflow, document);
    checkControlFlow(workflow, document);
  }
  checkCycles(workflows);
  if (document.name === undefined) checkToolNames(workflows);
}
