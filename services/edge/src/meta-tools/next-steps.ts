import type { JsonObject } from '@toolplane/contracts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Connection } from './connections.ts';
import type { FoundTools } from './show-tools.ts';

const NAMED_MAX = 3;

/** The best next steps for a model after these results, in words. */
export function toNextSteps(found: {
  results: readonly FoundTools[];
  connections: ReadonlyMap<string, Connection>;
  inventory: JsonObject | undefined;
  schemasLeftOut: readonly string[];
  catalogue: Catalogue;
  callArguments: { include_schemas: boolean };
}): string[] {
  const { results, connections, inventory, schemasLeftOut, catalogue, callArguments } = found;
  const problems = results.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  const best = [...new Set(results.flatMap(({ tools }) => tools.slice(0, 1).map(({ tool }) => tool.slug)))];
  return [
    ...problems,
    ...(best.length === 0 ? nothingFound(catalogue, inventory) : toUse(best, callArguments.include_schemas)),
    ...(schemasLeftOut.length === 0
      ? []
      : [`There was no room for the schemas of ${named(schemasLeftOut)}: get_tool_schemas returns them.`]),
    ...toConnect(connections),
    ...(typeof inventory?.['next_offset'] === 'number'
      ? [`There are more tools: call discover_tools again with offset ${inventory['next_offset']}.`]
      : []),
  ];
}

function nothingFound({ tools, toolkits }: Catalogue, inventory: JsonObject | undefined): string[] {
  if (tools.size === 0) return ['There are no tools yet: someone has to deploy some, or set up a connector.'];
  if (inventory !== undefined) return [`There are no more tools at this offset: the total is ${inventory['total']}.`];
  const names = [...toolkits.keys()];
  return [`Nothing was found. Try other words, or list all tools with mode "inventory" (toolkits: ${named(names)}).`];
}

function toUse(slugs: readonly string[], hasSchemas: boolean): string[] {
  const run = `call execute_tools, e.g. with calls: [{"slug": "${slugs[0]}", "arguments": {…}}]`;
  if (hasSchemas) return [`To run a tool, ${run}.`];
  const list = JSON.stringify(slugs.slice(0, NAMED_MAX));
  return [`Call get_tool_schemas with tool_slugs: ${list} to see their arguments; then ${run}.`];
}

function toConnect(connections: ReadonlyMap<string, Connection>): string[] {
  const missing = [...connections].filter(([, { status }]) => status !== 'active' && status !== 'no_auth_required');
  if (missing.length === 0) return [];
  const toolkits = JSON.stringify(missing.map(([toolkit]) => toolkit));
  return [
    `If a tool reports that credentials are missing, call manage_connections with toolkits: ${toolkits} and mode "connect".`,
  ];
}

function named(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return `${names.slice(0, NAMED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
