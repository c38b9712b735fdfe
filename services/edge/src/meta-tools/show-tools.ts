import type { Json, JsonObject } from '@toolplane/contracts';
import type { CatalogueTool } from '../catalogue/catalogue.ts';
import type { ToolkitConnection } from './connections.ts';
import { ANSWER_BYTES_MAX } from './meta-tool.ts';

/** Tools found for one use case, best first. */
export type FoundTools = {
  useCase: string;
  tools: { tool: CatalogueTool; score: number }[];
  /** One of the tools does what is wanted, as far as words show. */
  hasFit: boolean;
  problem?: string;
};

const DESCRIPTIONS_LENGTH_MAX = 20_000;
const DESCRIPTION_LENGTH_MIN = 80;
const DESCRIPTION_LENGTH_MAX = 400;

/** Descriptions are cut to fit. Schemas are included in order while they fit. */
export function showTools(
  results: readonly FoundTools[],
  connections: ReadonlyMap<string, ToolkitConnection>,
  includesSchemas: boolean,
): { shown: JsonObject[]; schemasLeftOut: string[] } {
  const count = results.reduce((sum, { tools }) => sum + tools.length, 0);
  const length = Math.max(DESCRIPTION_LENGTH_MIN, Math.floor(DESCRIPTIONS_LENGTH_MAX / Math.max(count, 1)));
  const descriptionLength = Math.min(length, DESCRIPTION_LENGTH_MAX);
  const shown = results.map(({ useCase, tools }) => ({
    use_case: useCase,
    tools: tools.map(({ tool, score }) => toShownTool(tool, { score, connections, descriptionLength })),
  }));
  if (!includesSchemas) return { shown, schemasLeftOut: [] };
  let room = ANSWER_BYTES_MAX - sizeOf(shown);
  const schemasLeftOut = new Set<string>();
  for (const [at, { tools }] of results.entries()) {
    for (const [index, { tool }] of tools.entries()) {
      const { inputSchema } = tool.hosted.tool;
      const bytes = sizeOf(inputSchema);
      const entry = shown[at]?.tools[index];
      if (bytes > room || entry === undefined) schemasLeftOut.add(tool.slug);
      else {
        entry['input_schema'] = inputSchema;
        room -= bytes;
      }
    }
  }
  return { shown, schemasLeftOut: [...schemasLeftOut] };
}

function toShownTool(
  { slug, toolkit, hosted: { tool, target } }: CatalogueTool,
  {
    score,
    connections,
    descriptionLength,
  }: { score: number; connections: ReadonlyMap<string, ToolkitConnection>; descriptionLength: number },
): JsonObject {
  const { title = tool.name, description = '', annotations, isUnreviewed } = tool;
  const isCut = description.length > descriptionLength;
  return {
    slug,
    title,
    toolkit,
    score,
    // The cut may have split a surrogate pair.
    description: isCut ? `${description.slice(0, descriptionLength - 1).toWellFormed()}…` : description,
    read_only: annotations?.readOnlyHint === true,
    ...(isUnreviewed && { unreviewed: true }),
    connection: target.usesConnection ? toShownConnection(connections.get(toolkit)) : 'not_required',
  };
}

function toShownConnection(connection: ToolkitConnection | undefined): 'active' | 'not_connected' | 'not_required' {
  if (connection?.status === 'active') return 'active';
  return connection?.status === 'no_auth_required' ? 'not_required' : 'not_connected';
}

function sizeOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}
