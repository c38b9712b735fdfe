import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { Action, ArazzoDocument, Step, Workflow } from '../model.ts';

/** Checks that steps and workflows exist if they are named only by their ids. */
export function checkTargets(workflow: Workflow, document: ArazzoDocument): void {
  const { steps, dependsOn, successActions, failureActions } = workflow;
  for (const reference of dependsOn) checkWorkflow(reference, reference, document);
  for (const { target, dependsOn: needed, onSuccess = [], onFailure = [] } of steps) {
    if (target.kind === 'workflowId' && target.text !== '') checkWorkflow(target.part, target.part, document);
    for (const reference of needed) checkDependency(reference, workflow, document);
    for (const action of [...onSuccess, ...onFailure]) checkAction(action, workflow, document);
  }
  for (const action of [...successActions, ...failureActions]) checkAction(action, workflow, document);
}

function checkAction({ part, stepId, workflowId }: Action, workflow: Workflow, document: ArazzoDocument): void {
  // A reference in a component can be correct in one workflow and wrong in another: it is reported where the component
  // is used.
  const placeOf = (reference: Part) => (reference.pointer.startsWith(`${part.pointer}/`) ? reference : part);
  if (stepId !== undefined) checkStep(stepId.value, placeOf(stepId), workflow);
  if (workflowId !== undefined) checkWorkflow(workflowId, placeOf(workflowId), document);
}

function checkDependency(reference: Part, workflow: Workflow, document: ArazzoDocument): void {
  const text = String(reference.value);
  const [, workflowId, stepId] = /^\$workflows\.([^.]+)\.steps\.([^.]+)$/.exec(text) ?? [];
  if (workflowId === undefined) {
    if (!text.startsWith('$')) checkStep(text, reference, workflow);
    else checkSource(reference, document);
    return;
  }
  const other = document.workflows.find(({ id }) => id === workflowId);
  if (other === undefined) reportWorkflow(workflowId, reference, document);
  else checkStep(stepId ?? '', reference, other);
}

/** The contents of a source are checked when the document is compiled. */
function checkSource(reference: Part, { sources }: ArazzoDocument): void {
  const [, name] = /^\$sourceDescriptions\.([^.]+)\./.exec(String(reference.value)) ?? [];
  if (name === undefined || sources.some((source) => source.name === name)) return;
  const hint = suggestName(
    name,
    sources.map((source) => source.name),
    'Available',
  );
  reference.error('unknown_source', `There is no source description "${name}"`, hint);
}

function checkStep(id: Part['value'], place: Part, { id: workflowId, steps }: Workflow): void {
  const ids = steps.map((step: Step) => step.id);
  if (typeof id !== 'string' || ids.includes(id)) return;
  const hint = suggestName(id, ids, 'Its steps');
  place.error('unknown_step', `The workflow "${workflowId}" has no step "${id}"`, hint);
}

/** A workflow that is not in this document may be in a source, which is checked when the document is compiled. */
function checkWorkflow({ value }: Part, place: Part, document: ArazzoDocument): void {
  const id = typeof value === 'string' && !/^\{?\$/.test(value) ? value : '';
  const mayBeElsewhere = document.sources.some(({ type }) => type === undefined || type === 'arazzo');
  if (id === '' || mayBeElsewhere || document.workflows.some((workflow) => workflow.id === id)) return;
  reportWorkflow(id, place, document);
}

function reportWorkflow(id: string, place: Part, { workflows }: ArazzoDocument): void {
  const hint = suggestName(
    id,
    workflows.map((workflow) => workflow.id),
    'Workflows of this document',
  );
  place.error('unknown_workflow', `There is no workflow "${id}"`, hint);
}
