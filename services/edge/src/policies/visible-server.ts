import { LRUCache } from 'lru-cache';
import type { Principal } from '../callers/principal.ts';
import { type HostedServer, type HostedTool, withTools, withToolsOnly } from '../manifests/hosted-server.ts';
import { memoize } from '../memoize.ts';
import { createViewCache, createVisibilityCheck, holdsUntil, isRestricted, type TimedView } from './visible-tools.ts';

/** The maximum number of views of one server that are cached. Callers who see the same tools share one. */
const VIEWS_MAX = 100;

const viewsOf = memoize((_server: HostedServer) => ({
  viewCache: createViewCache<HostedServer>(),
  byTools: new LRUCache<string, HostedServer>({ max: VIEWS_MAX }),
}));

/**
 * Returns a server as this caller sees it. A tool that it could not call with any arguments is neither listed nor
 * known. A key that is valid only for some tools is valid for nothing else, so it sees no prompts and resources. If
 * nothing is hidden, returns the server itself. All callers who see the same receive the same view.
 */
export function toVisibleServer(server: HostedServer, principal: Principal): HostedServer {
  return isOpen(server, principal) ? server : findView(server, principal).view;
}

/** Like `toVisibleServer`, but also returns the time at which the view may change without a publication. */
export function viewServer(server: HostedServer, principal: Principal): TimedView<HostedServer> {
  return isOpen(server, principal) ? { view: server, until: Number.POSITIVE_INFINITY } : findView(server, principal);
}

/** In mode SMART, everybody sees the listed tools; the catalogue determines which tools are found. */
function isOpen(server: HostedServer, principal: Principal): boolean {
  if (isRestricted(principal)) return server.isSmart && hasToolsOnly(server);
  return server.isSmart || !server.isGuarded;
}

function hasToolsOnly({ prompts, resources, resourceTemplates }: HostedServer): boolean {
  return prompts.size + resources.size + resourceTemplates.length === 0;
}

function findView(server: HostedServer, principal: Principal): TimedView<HostedServer> {
  const at = Date.now();
  const { viewCache } = viewsOf(server);
  return viewCache.find(principal, at) ?? viewCache.keep(principal, computeView(server, principal, at));
}

function computeView(server: HostedServer, principal: Principal, at: number): TimedView<HostedServer> {
  const { byTools } = viewsOf(server);
  const tools = [...server.tools.values()];
  const isVisible = createVisibilityCheck(principal, at);
  const seen = tools.map(isVisible);
  const until = holdsUntil(new Set(tools.flatMap(({ checks }) => checks.map(({ policy }) => policy))), at);
  const losesOthers = isRestricted(principal) && !hasToolsOnly(server);
  if (!seen.includes(false) && !losesOthers) return { view: server, until };
  const mark = `${losesOthers ? 'tools only ' : ''}${seen.map((isSeen) => (isSeen ? '1' : '0')).join('')}`;
  const view = byTools.get(mark) ?? (losesOthers ? withToolsOnly : withTools)(server, keepSeen(tools, seen));
  byTools.set(mark, view);
  return { view, until };
}

function keepSeen(tools: readonly HostedTool[], seen: readonly boolean[]): HostedTool[] {
  return tools.filter((_tool, index) => seen[index]);
}
