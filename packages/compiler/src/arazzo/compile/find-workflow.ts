import type { Part } from '../../document/part.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { LoadedSource } from '../sources/load-sources.ts';
import type { DocumentContext, WorkflowEntry } from './context.ts';

type ArazzoSource = Extract<LoadedSource, { kind: 'arazzo' }>;

/**
 * Finds the workflow that `workflowId` or `dependsOn` names, in this document or in a source; a missing workflow is
 * reported.
 */
export function findWorkflow(reference: Part, context: DocumentContext): WorkflowEntry | undefined {
  const text = typeof reference.value === 'string' ? reference.value : '';
  const foreign = /^(?<brace>\{?)\$sourceDescriptions\.(?<name>[\w-]+)\.(?<id>.+?)\}?$/s.exec(text)?.groups;
  if (foreign !== undefined) return findInSource(foreign['name'] ?? '', foreign['id'] ?? '', reference, context);
  const id = /^\{?\$workflows\.(?<id>[\w-]+)\}?$/.exec(text)?.groups?.['id'] ?? text;
  const { document, table } = context;
  const workflow = document.workflows.find((each) => each.id === id);
  if (workflow !== undefined) return table.entryOf(workflow, table.contextOf(context));
  return findUnqualified(id, reference, context);
}

function findInSource(
  name: string,
  id: string,
  reference: Part,
  { document, sources, report, table, ...context }: DocumentContext,
): WorkflowEntry | undefined {
  const description = document.sources.find((source) => source.name === name);
  if (description === undefined) {
    const hint = suggestName(
      name,
      document.sources.map((source) => source.name),
      'Available',
    );
    report('error', reference, 'unknown_source', `There is no source description "${name}"`, hint);
    return undefined;
  }
  const source = sources.get(name);
  if (source === undefined) return undefined;
  if (source.kind !== 'arazzo') {
    const hint = 'Only a source of type arazzo has workflows.';
    report('error', reference, 'wrong_source_type', `The source "${name}" is not an Arazzo document`, hint);
    return undefined;
  }
  const workflow = source.document.workflows.find((each) => each.id === id);
  if (workflow !== undefined) {
    return table.entryOf(workflow, table.contextOf({ ...context, ...source }));
  }
  const hint = suggestName(
    id,
    source.document.workflows.map((each) => each.id),
    `Workflows of "${name}"`,
  );
  report('error', reference, 'unknown_workflow', `The source "${name}" has no workflow "${id}"`, hint);
  return undefined;
}

/**
 * Finds a workflow outside this document only if exactly one has this id; documents of the same name differ by their
 * URL.
 */
function findUnqualified(id: string, reference: Part, context: DocumentContext): WorkflowEntry | undefined {
  const { document, sources, report } = context;
  const candidates = document.sources.filter(({ type }) => type === undefined || type === 'arazzo');
  const loaded = candidates.map(({ name }) => [name, sources.get(name)] as const);
  const found = loaded.filter(
    (entry): entry is [string, ArazzoSource] =>
      entry[1]?.kind === 'arazzo' && entry[1].document.workflows.some((each) => each.id === id),
  );
  const [first] = found;
  if (first !== undefined && found.length === 1) {
    const hint = `Write $sourceDescriptions.${first[0]}.${id}.`;
    report('warn', reference, 'unqualified_workflow', `The workflow "${id}" is in the source "${first[0]}"`, hint);
    return findInSource(first[0], id, reference, context);
  }
  if (first !== undefined) {
    const names = found.map(([name]) => name).join(', ');
    const hint = `Write $sourceDescriptions.${first[0]}.${id}, or name another source.`;
    report('error', reference, 'ambiguous_workflow', `Several sources have a workflow "${id}": ${names}`, hint);
  } else if (candidates.length > 0 && loaded.every(([, source]) => source !== undefined)) {
    const hint = suggestName(
      id,
      document.workflows.map((each) => each.id),
      'Workflows of this document',
    );
    report('error', reference, 'unknown_workflow', `There is no workflow "${id}"`, hint);
  }
  return undefined;
}
