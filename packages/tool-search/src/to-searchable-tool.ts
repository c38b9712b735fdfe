import type { Tool } from '@toolplane/contracts';
import type { SearchableTool } from './tool-document.ts';

/** What is searched of a tool of a toolkit. */
export function toSearchableTool(
  { title, description, inputSchema, annotations }: Pick<Tool, 'title' | 'description' | 'inputSchema' | 'annotations'>,
  place: Pick<SearchableTool, 'slug' | 'toolkit' | 'toolkitNames'>,
): SearchableTool {
  const parameters = Object.keys((inputSchema['properties'] ?? {}) as object);
  return { ...place, title, description, parameters, effect: effectOf(annotations) };
}

/** Hints are enough to put a tool before or behind another one. */
function effectOf(annotations: Tool['annotations']): SearchableTool['effect'] {
  if (annotations === undefined) return undefined;
  if (annotations.readOnlyHint === true) return 'reads';
  return annotations.destructiveHint === true ? 'deletes' : 'writes';
}
