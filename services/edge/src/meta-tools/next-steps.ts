import type { JsonObject } from '@toolplane/contracts';
import type { HostedCatalogue } from '../catalogue/catalogue.ts';
import type { ToolkitConnection } from './connections.ts';
import type { FoundTools } from './show-tools.ts';

const NAMED_MAX = 3;

/** Describes the best next steps for a model after these results. */
export function toNextSteps({
  results,
  connections,
  inventory,
  schemasLeftOut,
  catalogue,
  callArguments,
}: {
  results: readonly FoundTools[];
  connections: ReadonlyMap<string, ToolkitConnection>;
  inventory: JsonObject | undefined;
  schemasLeftOut: readonly string[];
  catalogue: HostedCatalogue;
  callArguments: { include_schemas: boolean };
}): string[] {
  const problems = results.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  const found = results.filter(({ tools }) => tools.length > 0);
  const best = [...new Set(found.flatMap(({ hasFit, tools }) => (hasFit ? (tools[0]?.tool.slug ?? []) : [])))];
  const doubtful = found.filter(({ hasFit }) => !hasFit).map(({ useCase }) => useCase);
  return [
    ...problems,
    ...(found.length === 0 ? nothingFound(catalogue, inventory) : []),
    ...(doubtful.length === 0 ? [] : [warnOfPoorFit(doubtful)]),
    ...(best.length === 0 ? [] : toUse(best, callArguments.include_schemas)),
    ...(schemasLeftOut.length === 0
      ? []
      : [`There was no room for the schemas of ${named(schemasLeftOut)}: get_tool_schemas returns them.`]),
    ...toConnect(connections),
    ...(typeof inventory?.['next_offset'] === 'number'
      ? [`There are more tools: call discover_tools again with offset ${inventory['next_offset']}.`]
      : []),
  ];
}

function nothingFound({ tools, toolkits }: HostedCatalogue, inventory: JsonObject | undefined): string[] {
  if (tools.size === 0) return ['There are no tools yet: someone has to deploy some, or set up a connector.'];
  if (inventory !== undefined) return [`There are no more tools at this offset: the total is ${inventory['total']}.`];
  const names = [...toolkits.keys()];
  return [`Nothing was found. Try other words, or list all tools with mode "inventory" (toolkits: ${named(names)}).`];
}

function warnOfPoorFit(useCases: readonly string[]): string {
  const what = named(useCases.map((useCase) => JSON.stringify(useCase)));
  return `No tool fits ${what} well: what is listed has few of its words. Do not guess: unless a description says that a tool does this, try other words, list all tools with mode "inventory", or say that there is no tool for it.`;
}

function toUse(slugs: readonly string[], hasSchemas: boolean): string[] {
  const run = `call execute_tools, e.g. with calls: [{"slug": "${slugs[0]}", "arguments": {…}}]`;
  if (hasSchemas) return [`To run a tool, ${run}.`];
  const list = JSON.stringify(slugs.slice(0, NAMED_MAX));
  return [`Call get_tool_schemas with tool_slugs: ${list} to see their arguments; then ${run}.`];
}

function toConnect(connections: ReadonlyMap<string, ToolkitConnection>): string[] {
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
