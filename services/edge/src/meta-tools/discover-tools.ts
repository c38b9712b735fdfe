import { AppError, type Json, type JsonObject, succeeded } from '@toolplane/contracts';
import type { Catalogue, CatalogueTool } from '../catalogue/catalogue.ts';
import { ANSWER_BYTES_MAX } from './answer-budget.ts';
import { type Connection, readConnections } from './connections.ts';
import { discoverToolsDefinition } from './definitions/discover-tools.ts';
import type { MetaCall, MetaTool } from './meta-tool.ts';
import { toNextSteps } from './next-steps.ts';
import { continueSession } from './smart-session.ts';
import { nearestToolkits } from './unknown-names.ts';

type Arguments = {
  queries?: { use_case: string; toolkit?: string }[];
  mode: 'search' | 'inventory';
  toolkit?: string;
  offset: number;
  limit: number;
  include_schemas: boolean;
  session_id?: string;
};

/** Tools found for one use case, best first. */
export type FoundTools = { useCase: string; tools: { tool: CatalogueTool; score: number }[]; problem?: string };

type Found = { results: FoundTools[]; inventory?: JsonObject };

/** `discover_tools`: tools by what they are wanted for, or all of them page by page. */
export const discoverTools: MetaTool<Arguments> = {
  definition: discoverToolsDefinition,
  async run(call) {
    const { edge, request, catalogue, callArguments } = call;
    const sessionId = continueSession(edge, request, callArguments.session_id);
    const { results, inventory } = callArguments.mode === 'inventory' ? list(call) : await search(call);
    const connections = await readFoundConnections(call, results);
    const { shown, schemasLeftOut } = toShown(results, connections, callArguments.include_schemas);
    return {
      outcome: succeeded({
        session_id: sessionId,
        results: shown,
        connections: [...connections].map(([toolkit, { status }]) => ({ toolkit, status })),
        ...(inventory === undefined ? {} : { inventory }),
        next_steps: toNextSteps({ results, connections, inventory, schemasLeftOut, catalogue, callArguments }),
      }),
    };
  },
};

async function search({ catalogue, callArguments }: MetaCall<Arguments>): Promise<Found> {
  const { queries, limit } = callArguments;
  if (queries === undefined) {
    throw new AppError('invalid_arguments', 'Give queries: what to find tools for; or mode "inventory" to list them');
  }
  const { search: find } = await catalogue.search();
  const results = queries.map(({ use_case: useCase, toolkit }): FoundTools => {
    if (toolkit !== undefined && !catalogue.toolkits.has(toolkit)) {
      return { useCase, tools: [], problem: nearestToolkits(catalogue, toolkit) };
    }
    const tools = find(useCase, { limit, toolkit }).flatMap(({ slug, score }) => {
      const tool = catalogue.tools.get(slug);
      return tool === undefined ? [] : [{ tool, score }];
    });
    return { useCase, tools };
  });
  return { results };
}

function list({ catalogue, callArguments }: MetaCall<Arguments>): Found {
  const { toolkit, offset, limit } = callArguments;
  if (toolkit !== undefined && !catalogue.toolkits.has(toolkit)) {
    throw new AppError('not_found', nearestToolkits(catalogue, toolkit));
  }
  const all = [...catalogue.tools.values()].filter((tool) => toolkit === undefined || tool.toolkit === toolkit);
  const page = all.slice(offset, offset + limit);
  const next = offset + page.length;
  const isTruncated = next < all.length;
  return {
    results: [{ useCase: 'inventory', tools: page.map((tool) => ({ tool, score: 0 })) }],
    inventory: { total: all.length, next_offset: isTruncated ? next : null, truncated: isTruncated },
  };
}

/** Of the toolkits that were found and that need an account. */
async function readFoundConnections(
  { edge, request, catalogue }: MetaCall<Arguments>,
  results: readonly FoundTools[],
): Promise<ReadonlyMap<string, Connection>> {
  const found = results.flatMap(({ tools }) => tools.map(({ tool }) => tool));
  const names = new Set(found.filter(({ hosted }) => hosted.target.usesConnection).map(({ toolkit }) => toolkit));
  return readConnections(edge, request, toolkitsOf(catalogue, names));
}

function toolkitsOf({ toolkits }: Catalogue, names: ReadonlySet<string>) {
  return [...names].sort().flatMap((name) => toolkits.get(name) ?? []);
}

const DESCRIPTIONS_LENGTH_MAX = 20_000;
const DESCRIPTION_LENGTH_MIN = 80;
const DESCRIPTION_LENGTH_MAX = 400;

/** Descriptions are cut to what fits; schemas are given in order as long as there is room. */
function toShown(
  results: readonly FoundTools[],
  connections: ReadonlyMap<string, Connection>,
  includesSchemas: boolean,
): { shown: JsonObject[]; schemasLeftOut: string[] } {
  const count = results.reduce((sum, { tools }) => sum + tools.length, 0);
  const length = Math.max(DESCRIPTION_LENGTH_MIN, Math.floor(DESCRIPTIONS_LENGTH_MAX / Math.max(count, 1)));
  const schemasLeftOut: string[] = [];
  let bytes = 0;
  const show = ({ tool, score }: FoundTools['tools'][number]): JsonObject => {
    const shown = toShownTool(tool, {
      score,
      connections,
      descriptionLength: Math.min(length, DESCRIPTION_LENGTH_MAX),
    });
    bytes += sizeOf(shown);
    if (!includesSchemas) return shown;
    const { inputSchema } = tool.hosted.tool;
    bytes += sizeOf(inputSchema);
    if (bytes <= ANSWER_BYTES_MAX) return { ...shown, input_schema: inputSchema };
    bytes -= sizeOf(inputSchema);
    schemasLeftOut.push(tool.slug);
    return shown;
  };
  return {
    shown: results.map(({ useCase, tools }) => ({ use_case: useCase, tools: tools.map(show) })),
    schemasLeftOut,
  };
}

function toShownTool(
  { slug, toolkit, hosted: { tool, target } }: CatalogueTool,
  {
    score,
    connections,
    descriptionLength,
  }: { score: number; connections: ReadonlyMap<string, Connection>; descriptionLength: number },
): JsonObject {
  const { title = tool.name, description = '', annotations } = tool;
  const isCut = description.length > descriptionLength;
  return {
    ...{ slug, title, toolkit, score },
    description: isCut ? `${description.slice(0, descriptionLength - 1)}…` : description,
    read_only: annotations?.readOnlyHint === true,
    connection: target.usesConnection ? toShownConnection(connections.get(toolkit)) : 'not_required',
  };
}

function toShownConnection(connection: Connection | undefined): 'active' | 'not_connected' | 'not_required' {
  if (connection?.status === 'active') return 'active';
  return connection?.status === 'no_auth_required' ? 'not_required' : 'not_connected';
}

function sizeOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}
