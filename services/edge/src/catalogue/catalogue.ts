import type { CatalogueToolkit } from '@toolplane/contracts';
import { buildToolSearch, type ToolSearch, toSearchableTool } from '@toolplane/tool-search';
import type { HostedServer, HostedTool } from '../manifests/hosted-server.ts';

/** What meta tools can find and run for one kind of caller of a workspace. */
export type Catalogue = {
  /** By slug, in the order of the slugs. */
  readonly tools: ReadonlyMap<string, CatalogueTool>;
  readonly toolkits: ReadonlyMap<string, Toolkit>;
  /** Built at its first use: who executes what it knows need not wait for it. */
  search(): Promise<ToolSearch>;
};

export type CatalogueTool = { readonly slug: string; readonly toolkit: string; readonly hosted: HostedTool };

export type Toolkit = CatalogueToolkit & {
  readonly server: HostedServer;
  /** Some of its tools carry credentials that are chosen by the caller. */
  readonly usesConnection: boolean;
};

/** Each toolkit with the server that has its tools. */
export function toCatalogue(parts: readonly (readonly [CatalogueToolkit, HostedServer])[]): Catalogue {
  const offered = parts.map(([published, server]) => ({ published, server, tools: toolsOf(published, server, parts) }));
  const tools = offered
    .flatMap(({ published: { toolkit }, tools }) =>
      tools.map(
        (hosted): CatalogueTool => ({
          slug: `${toolkit}.${hosted.tool.nameInToolkit ?? hosted.tool.name}`,
          toolkit,
          hosted,
        }),
      ),
    )
    .sort((a, b) => (a.slug < b.slug ? -1 : 1));
  const toolkits = new Map(
    offered
      .sort((a, b) => (a.published.toolkit < b.published.toolkit ? -1 : 1))
      .map(({ published, server, tools }) => [
        published.toolkit,
        { ...published, server, usesConnection: tools.some(({ target }) => target.usesConnection) },
      ]),
  );
  let search: Promise<ToolSearch> | undefined;
  return {
    tools: new Map(tools.map((tool) => [tool.slug, tool])),
    toolkits,
    search() {
      search ??= buildToolSearch(
        tools.map(({ slug, toolkit, hosted }) => {
          const { name = toolkit, synonyms = [] } = toolkits.get(toolkit) ?? {};
          return toSearchableTool(hosted.tool, { slug, toolkit, toolkitNames: [name, ...synonyms] });
        }),
      );
      return search;
    },
  };
}

/** A tool that does not name its toolkit is of the only one that its server has. */
function toolsOf(
  { toolkit, serverId }: CatalogueToolkit,
  { ownTools }: HostedServer,
  all: readonly (readonly [CatalogueToolkit, HostedServer])[],
): readonly HostedTool[] {
  const isOnly = all.every(([other]) => other.serverId !== serverId || other.toolkit === toolkit);
  return ownTools.filter(({ tool }) => (tool.toolkit === undefined ? isOnly : tool.toolkit === toolkit));
}
