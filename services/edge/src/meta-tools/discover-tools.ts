import { setImmediate } from 'node:timers/promises';
import { AppError, type JsonObject, succeeded } from '@toolplane/contracts';
import type { HostedCatalogue } from '../catalogue/catalogue.ts';
import { discoverToolsDefinition } from '../manifests/meta-tools/discover-tools.ts';
import { readConnections, type ToolkitConnection } from './connections.ts';
import type { MetaCall, MetaTool } from './meta-tool.ts';
import { toNextSteps } from './next-steps.ts';
import { type FoundTools, showTools } from './show-tools.ts';
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

type Found = { results: FoundTools[]; inventory?: JsonObject };

/**
 * Below this value, a tool is probably for a different purpose. Chosen with the sentences of the bench `search`: it
 * doubts one in sixty of the right results, and nearly a quarter of those where the API that is meant is missing.
 */
const FIT_MIN = 0.3;

/** `discover_tools`: finds tools by their purpose, or lists all of them page by page. */
export const discoverTools: MetaTool<Arguments> = {
  definition: discoverToolsDefinition,
  async run(call) {
    const { edge, request, catalogue, callArguments } = call;
    const sessionId = continueSession(edge, request, callArguments.session_id);
    const found = callArguments.mode === 'inventory' ? list(call) : await search(call);
    const { inventory } = found;
    const connections = await readFoundConnections(call, found.results);
    const isSearch = inventory === undefined;
    const results = isSearch ? found.results.map((each) => connectedFirst(each, connections)) : found.results;
    const { shown, schemasLeftOut } = showTools(results, connections, callArguments.include_schemas);
    return {
      outcome: succeeded({
        session_id: sessionId,
        results: shown,
        connections: [...connections].map(([toolkit, { status }]) => ({
          toolkit,
          name: catalogue.toolkits.get(toolkit)?.name ?? toolkit,
          status,
        })),
        ...(inventory === undefined ? {} : { inventory }),
        next_steps: toNextSteps({ results, connections, inventory, schemasLeftOut, catalogue, callArguments }),
      }),
    };
  },
};

async function search({ catalogue, callArguments }: MetaCall<Arguments>): Promise<Found> {
  const { queries, limit, toolkit: ofAll } = callArguments;
  if (queries === undefined) {
    throw new AppError('invalid_arguments', 'Pass queries: what to find tools for; or mode "inventory" to list them');
  }
  const { search: find } = await catalogue.search();
  const results: FoundTools[] = [];
  for (const { use_case: useCase, toolkit = ofAll } of queries) {
    if (toolkit !== undefined && !catalogue.toolkits.has(toolkit)) {
      results.push({ useCase, tools: [], hasFit: false, problem: nearestToolkits(catalogue, toolkit) });
      continue;
    }
    const found = find(useCase, { limit, toolkit });
    const tools = found.flatMap(({ slug, score }) => {
      const tool = catalogue.tools.get(slug);
      return tool === undefined ? [] : [{ tool, score }];
    });
    results.push({ useCase, tools, hasFit: found.some(({ fit }) => fit >= FIT_MIN) });
    // Yield to the event loop between two searches, so that other calls proceed.
    await setImmediate();
  }
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
    results: [{ useCase: 'inventory', tools: page.map((tool) => ({ tool, score: 0 })), hasFit: true }],
    inventory: { total: all.length, next_offset: isTruncated ? next : null, truncated: isTruncated },
  };
}

/**
 * Among tools that fit equally well, such as those of two accounts at one service, puts those first that can be called
 * at once.
 */
function connectedFirst(found: FoundTools, connections: ReadonlyMap<string, ToolkitConnection>): FoundTools {
  const isConnected = ({ tool }: FoundTools['tools'][number]) => connections.get(tool.toolkit)?.status === 'active';
  const order = (a: FoundTools['tools'][number], b: FoundTools['tools'][number]) =>
    a.score === b.score ? Number(isConnected(b)) - Number(isConnected(a)) : 0;
  return { ...found, tools: found.tools.toSorted(order) };
}

/** Reads the connections of the toolkits that were found and that need an account. */
async function readFoundConnections(
  { edge, request, catalogue }: MetaCall<Arguments>,
  results: readonly FoundTools[],
): Promise<ReadonlyMap<string, ToolkitConnection>> {
  const found = results.flatMap(({ tools }) => tools.map(({ tool }) => tool));
  const names = new Set(found.filter(({ hosted }) => hosted.target.usesConnection).map(({ toolkit }) => toolkit));
  return readConnections(edge, request, toolkitsOf(catalogue, names));
}

function toolkitsOf({ toolkits }: HostedCatalogue, names: ReadonlySet<string>) {
  return [...names].sort().flatMap((name) => toolkits.get(name) ?? []);
}
