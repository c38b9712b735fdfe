import { pointerSegments } from '@toolplane/contracts';
import type { Resolved } from '@toolplane/expressions';
import { suggestName } from '../../document/suggest-name.ts';
import { NOTHING, type Resolution } from './resolution.ts';
import { resolveWorkflowValue } from './resolve-name.ts';

/**
 * Resolves `$sourceDescriptions.<name>.url`, `.type` and `.x-…`, and the inputs and outputs of a workflow of an Arazzo
 * source.
 */
export function resolveSource({ id, reference }: { id: string; reference: string }, resolution: Resolution): Resolved {
  const { context, text, report } = resolution;
  const { document, sources, table } = context;
  const source = document.sources.find(({ name }) => name === id);
  if (source === undefined) {
    const names = document.sources.map(({ name }) => name);
    report('error', 'unknown_source', `There is no source description "${id}"`, suggestName(id, names, 'Available'));
    return NOTHING;
  }
  const loaded = sources.get(id);
  if (reference === 'url') return { value: source.url };
  if (reference === 'type') return { value: source.type ?? loaded?.kind ?? null };
  const extension = Object.hasOwn(source.extensions, reference) ? source.extensions[reference] : undefined;
  if (extension !== undefined) return { value: extension };
  const value = /^(?<path>.+?)\.(?<field>inputs|outputs)\.(?<name>[^#]+)(?:#(?<pointer>\/.*))?$/s.exec(
    reference,
  )?.groups;
  if (value !== undefined && loaded?.kind === 'arazzo') {
    const { path = '', field = '', name = '', pointer = '' } = value;
    const workflow = loaded.document.workflows.find((each) => each.id === path);
    if (workflow !== undefined) {
      const entry = table.entryOf(workflow, table.contextOf({ ...context, ...loaded }));
      return resolveWorkflowValue(
        entry,
        field === 'inputs' ? 'inputs' : 'outputs',
        name,
        pointerSegments(pointer),
        resolution,
      );
    }
  }
  const hint = 'A value is .url, .type, an x-… member or .<workflowId>.outputs.<name>; only steps name operations.';
  report('error', 'unknown_reference', `${text} is not a value of the source description "${id}"`, hint);
  return NOTHING;
}
