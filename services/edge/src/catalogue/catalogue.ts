import type { CatalogueToolkit, Manifest } from '@toolplane/contracts';
import type { PolicyTool } from '@toolplane/policy';
import { buildToolSearch, createPacer, type ToolSearch, toSearchableTool } from '@toolplane/tool-search';
import { type HostedServer, type HostedTool, toHostedServer } from '../manifests/hosted-server.ts';
import { toPolicyTool } from '../manifests/policy-check.ts';

/** The tools that meta tools can find and run. */
export type HostedCatalogue = {
  /** The tools by slug, in the order of the slugs. */
  readonly tools: ReadonlyMap<string, CatalogueTool>;
  /** The toolkits by slug, in the order of the slugs. */
  readonly toolkits: ReadonlyMap<string, Toolkit>;
  /** A policy applies to some of its tools, so callers may see different tools. */
  readonly isGuarded: boolean;
  /** Builds the search index on first use: a caller who executes known tools need not wait for it. */
  search(): Promise<ToolSearch>;
};

export type CatalogueTool = {
  readonly slug: string;
  readonly toolkit: string;
  readonly hosted: HostedTool;
  /** The tool as seen by the policies of servers in mode SMART, and by the tool patterns of keys there. */
  readonly inCatalogue: PolicyTool;
};

export type Toolkit = CatalogueToolkit & {
  readonly server: HostedServer;
  /** Some of its tools use credentials, and the caller determines whose. */
  readonly usesConnection: boolean;
};

/** A toolkit, with the manifest of the server that has its tools. */
export type CataloguePart = readonly [CatalogueToolkit, Manifest];

/** Builds a catalogue. Yields to the event loop now and then, because there may be thousands of tools. */
export async function toCatalogue(parts: readonly CataloguePart[]): Promise<HostedCatalogue> {
  const pace = createPacer();
  const tools = new Map<string, CatalogueTool>();
  const toolkits = new Map<string, Toolkit>();
  const partsOfServer = Map.groupBy(parts, ([{ serverId }]) => serverId);
  // The name of a toolkit contains no dot, so this is also the order of the slugs of their tools.
  const inOrder = parts.toSorted(([a], [b]) => (`${a.toolkit}.` < `${b.toolkit}.` ? -1 : 1));
  for (const [published, manifest] of inOrder) {
    const server = toHostedServer(manifest);
    await pace();
    const { toolkit, serverId } = published;
    const isOnly = partsOfServer.get(serverId)?.length === 1;
    const offered = toolsOf(server, toolkit, isOnly);
    for (const tool of offered) tools.set(tool.slug, tool);
    const usesConnection = offered.some(({ hosted }) => hosted.target.usesConnection);
    toolkits.set(toolkit, { ...published, server, usesConnection });
    await pace();
  }
  const isGuarded = [...toolkits.values()].some(({ server }) => server.isGuarded);
  let search: Promise<ToolSearch> | undefined;
  return {
    tools,
    toolkits,
    isGuarded,
    search() {
      search ??= buildToolSearch(toSearchableTools(tools, toolkits));
      return search;
    },
  };
}

/**
 * Returns the tools of a toolkit. A tool that does not name its toolkit belongs to the only one that its server has.
 */
function toolsOf({ ownTools }: HostedServer, toolkit: string, isOnly: boolean): CatalogueTool[] {
  return ownTools
    .filter(({ tool }) => (tool.toolkit === undefined ? isOnly : tool.toolkit === toolkit))
    .map((hosted) => toCatalogueTool(hosted, toolkit))
    .sort((a, b) => (a.slug < b.slug ? -1 : 1));
}

function toCatalogueTool(hosted: HostedTool, toolkit: string): CatalogueTool {
  const slug = `${toolkit}.${hosted.tool.nameInToolkit ?? hosted.tool.name}`;
  return { slug, toolkit, hosted, inCatalogue: toPolicyTool({ ...hosted.tool, toolkit }, slug) };
}

function* toSearchableTools(tools: HostedCatalogue['tools'], toolkits: HostedCatalogue['toolkits']) {
  for (const { slug, toolkit, hosted } of tools.values()) {
    const { name = toolkit, synonyms = [] } = toolkits.get(toolkit) ?? {};
    yield toSearchableTool(hosted.tool, { slug, toolkit, toolkitNames: [name, ...synonyms] });
  }
}
