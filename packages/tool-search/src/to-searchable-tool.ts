import type { Tool } from '@toolplane/contracts';
import type { SearchableTool } from './tool-document.ts';

/** The parts of a toolkit's tool that are searched. */
export function toSearchableTool(
  { title, description, inputSchema, annotations }: Pick<Tool, 'title' | 'description' | 'inputSchema' | 'annotations'>,
  place: Pick<SearchableTool, 'slug' | 'toolkit' | 'toolkitNames'>,
): SearchableTool {
  const parameters = Object.keys((inputSchema['properties'] ?? {}) as object);
  return { ...place, title, description, parameters, effect: effectOf(annotations) };
}

/** Hints are reliable enough to rank a tool before or after another one. */
function effectOf(annotations: Tool['annotations']): SearchableTool['effect'] {
  if (annotations === undefined) return undefined;
  if (annotations.readOnlyHint === true) return 'reads';
  return annotations.destructiveHint === true ? 'deletes' : 'writes';
}
