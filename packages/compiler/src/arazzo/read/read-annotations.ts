import type { Part } from '../../document/part.ts';

/** Reads the MCP hints about a tool. */
export function readAnnotations(part: Part | undefined): Record<string, boolean> {
  part?.allowKeys(['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']);
  const entries = part?.entries().flatMap(([name, hint]): [string, boolean][] => {
    const value = hint.boolean();
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries ?? []);
}
