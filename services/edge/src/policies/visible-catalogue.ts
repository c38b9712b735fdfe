import type { CompiledPolicy } from '@toolplane/policy';
import { createPacer } from '@toolplane/tool-search';
import type { Principal } from '../callers/principal.ts';
import type { CatalogueTool, HostedCatalogue, Toolkit } from '../catalogue/catalogue.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import type { PolicyCheck } from '../manifests/policy-check.ts';
import { memoize } from '../memoize.ts';
import { isValidFor } from './find-server.ts';
import { createViewCache, createVisibilityCheck, holdsUntil, isRestricted } from './visible-tools.ts';

/**
 * The cached views of each catalogue, by the server in mode SMART that receives the request and whose policy also
 * applies.
 */
const viewsOf = memoize((_catalogue: HostedCatalogue) =>
  memoize((_server: HostedServer) => createViewCache<HostedCatalogue>()),
);

/**
 * Returns the part of a catalogue that this caller sees at this server. A tool that it could not call with any
 * arguments is omitted, and so is a toolkit without visible tools.
 */
export async function toVisibleCatalogue(
  catalogue: HostedCatalogue,
  server: HostedServer,
  principal: Principal,
): Promise<HostedCatalogue> {
  const isWhole = !catalogue.isGuarded && server.policy === undefined && !isRestricted(principal);
  if (isWhole && (principal.kind !== 'api-key' || principal.servers === undefined)) return catalogue;
  const at = Date.now();
  const viewCache = viewsOf(catalogue)(server);
  const seen = viewCache.find(principal, at);
  if (seen !== undefined) return seen.view;
  return viewCache.keep(principal, await computeView(catalogue, server, principal, at)).view;
}

/**
 * Returns the policies for a tool that is called through a server in mode SMART: the policy of that server and those of
 * the tool's own server.
 */
export function checksOf({ policy }: HostedServer, { hosted, inCatalogue }: CatalogueTool): readonly PolicyCheck[] {
  return policy === undefined ? hosted.checks : [{ ...policy, tool: inCatalogue }, ...hosted.checks];
}

/** Yields to the event loop now and then, because there may be thousands of tools. */
async function computeView(catalogue: HostedCatalogue, server: HostedServer, principal: Principal, at: number) {
  const pace = createPacer();
  const isVisible = createVisibilityCheck(principal, at);
  const tools = new Map<string, CatalogueTool>();
  const policies = new Set<CompiledPolicy>();
  for (const tool of catalogue.tools.values()) {
    const checks = checksOf(server, tool);
    for (const { policy } of checks) policies.add(policy);
    const isOfKey = isValidFor(principal, toServerId(catalogue, tool));
    if (isOfKey && isVisible({ tool: tool.inCatalogue, checks })) tools.set(tool.slug, tool);
    await pace();
  }
  return { view: toView(catalogue, tools), until: holdsUntil(policies, at) };
}

function toServerId({ toolkits }: HostedCatalogue, { toolkit }: CatalogueTool): string {
  return toolkits.get(toolkit)?.serverId ?? '';
}

function toView(catalogue: HostedCatalogue, tools: ReadonlyMap<string, CatalogueTool>): HostedCatalogue {
  const ofToolkits = Map.groupBy(tools.values(), ({ toolkit }) => toolkit);
  const toolkits = [...catalogue.toolkits].flatMap(([name, toolkit]): [string, Toolkit][] => {
    const left = ofToolkits.get(name);
    const usesConnection = left?.some(({ hosted }) => hosted.target.usesConnection);
    return usesConnection === undefined ? [] : [[name, { ...toolkit, usesConnection }]];
  });
  const isShown = (slug: string) => tools.has(slug);
  return {
    tools,
    toolkits: new Map(toolkits),
    isGuarded: true,
    async search() {
      const { search, suggest } = await catalogue.search();
      return {
        search: (useCase, options) => search(useCase, { ...options, isShown }),
        suggest: (slug) => suggest(slug, isShown),
      };
    },
  };
}
