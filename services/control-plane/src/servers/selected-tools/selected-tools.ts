import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CompiledTool } from '@toolplane/compiler';
import { AppError, notValid } from '@toolplane/contracts';
import { readLentServers } from '../../catalogue/lent-servers/lent-servers.ts';
import { nearestSlugs } from '../../catalogue/nearest-slugs.ts';
import type { Transaction } from '../../platform/database/database.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { distinguishAccounts } from './distinguish-accounts.ts';
import { type LeftOut, nameTools, type Renamed } from './name-tools.ts';
import * as store from './store.ts';

/** A server that may offer tools of other servers. */
export type SelectingServer = {
  id: string;
  workspaceId: string;
  mode: 'SMART' | 'NORMAL';
  isPublic: boolean;
  selectedTools: readonly string[];
};

/** The state of the tools that a server selects. */
export type SelectionState = {
  /**
   * The offered tools in the order of the selection. `name` is the name on this server. `account` distinguishes a tool
   * from those of other instances of its connector.
   */
  offered: { name: string; tool: store.SelectableTool; account?: string }[];
  renamed: Renamed[];
  /** Slugs that are not in the catalogue at present, so that clients do not see these tools. */
  missing: string[];
  /** Tools for which no name is available on this server. */
  leftOut: LeftOut[];
  /** Slugs of tools that anybody can call here, although their own server requires a key. */
  exposed: string[];
};

/** A tool of another server, with everything that its publication needs. */
export type SelectedTool = CompiledTool & {
  name: string;
  slug: string;
  serverId: string;
  pool: string | null;
  allowedHosts: string[];
  /** Set if the server of the tool is in another workspace, and the plan is made for this workspace. */
  isLent: boolean;
  /** The name of the connector instance of the tool. */
  instanceName: string | null;
  /** The account of the tool, if the server offers tools of several instances of its connector. */
  account?: string;
};

/** Limit of unknown tools with suggestions, because each of these requires a search through the whole catalogue. */
const SUGGESTED_FOR_MAX = 20;

export async function readSelection(tx: Transaction, server: SelectingServer): Promise<SelectionState> {
  if (!selects(server)) return { offered: [], renamed: [], missing: [], leftOut: [], exposed: [] };
  const { id, workspaceId, isPublic, selectedTools } = server;
  const { names, renamed, leftOut } = nameTools(await store.listOwnNames(tx, id), selectedTools);
  const found = await store.findTools(tx, workspaceId, selectedTools);
  const bySlug = new Map(found.map((tool) => [tool.slug, tool]));
  const isThere = ({ slug }: { slug: string }) => bySlug.has(slug);
  const named = selectedTools.flatMap((slug) => {
    const [name, tool] = [names.get(slug), bySlug.get(slug)];
    return name === undefined || tool === undefined ? [] : [{ name, tool }];
  });
  const accounts = distinguishAccounts(named.map(({ tool }) => tool));
  const offered = named.map(({ name, tool }) => {
    const account = accounts.get(tool.slug);
    return { name, tool, ...(account !== undefined && { account }) };
  });
  return {
    offered,
    renamed: renamed.filter(isThere),
    missing: selectedTools.filter((slug) => !bySlug.has(slug)),
    leftOut: leftOut.filter(isThere),
    exposed: offered.flatMap(({ tool }) => (isPublic && !tool.isPublic ? [tool.slug] : [])),
  };
}

/** Undefined if the server selects no tools. `credentialsVersion` changes with the shared credentials of the tools. */
export async function readSelectedTools(
  tx: Transaction,
  server: SelectingServer,
): Promise<{ tools: SelectedTool[]; credentialsVersion: number } | undefined> {
  if (!selects(server)) return undefined;
  const { offered } = await readSelection(tx, server);
  const tools = new Map<string, SelectedTool>();
  let version = 0;
  for (const [serverId, those] of Map.groupBy(offered, ({ tool }) => tool.serverId)) {
    const isLent = those.some(({ tool }) => tool.isLent);
    const { allowedHosts, pool, credentialsVersion, ...origin } = await (isLent
      ? readLentOrigin(tx, server.workspaceId, serverId)
      : store.readOrigin(tx, serverId));
    version += credentialsVersion;
    const byName = new Map(origin.tools.map((compiled) => [compiled.tool.name, compiled]));
    for (const { name, tool, account } of those) {
      const compiled = byName.get(tool.hostedAs);
      const { slug, instanceName } = tool;
      const at = { serverId, pool, allowedHosts, isLent, instanceName };
      if (compiled !== undefined) {
        tools.set(slug, { ...compiled, name, slug, ...at, ...(account !== undefined && { account }) });
      }
    }
  }
  return { tools: offered.flatMap(({ tool }) => tools.get(tool.slug) ?? []), credentialsVersion: version };
}

/** Tools that were selected earlier stay valid, because such a tool may be missing only temporarily. */
export async function refuseUnselectable(
  tx: Transaction,
  { id, workspaceId, mode, selectedTools }: SelectingServer,
  selectedBefore: readonly string[] = [],
): Promise<void> {
  if (selectedTools.length > 0 && mode !== 'NORMAL') {
    throw notValid([{ path: 'body.selectedTools', message: 'is allowed only for servers in mode NORMAL' }]);
  }
  const found = new Map((await store.findTools(tx, workspaceId, selectedTools)).map((tool) => [tool.slug, tool]));
  const refused: { slug: string; path: string; message: string }[] = [];
  for (const [index, slug] of selectedTools.entries()) {
    const message = selectedBefore.includes(slug) ? undefined : reasonAgainst(found.get(slug), id);
    if (message !== undefined) refused.push({ slug, path: `body.selectedTools.${index}`, message });
  }
  if (refused.length === 0) return;
  const candidates = await store.listSlugs(tx, workspaceId, id);
  const details: Detail[] = [];
  for (const { slug, ...detail } of refused) {
    const isUnknown = !found.has(slug) && details.length < SUGGESTED_FOR_MAX;
    details.push({ ...detail, suggestions: isUnknown ? nearestSlugs(slug, candidates) : [] });
    await nextTurn();
  }
  throw notValid(details);
}

/**
 * A public server lets anybody use the credentials of the organization, so selecting these tools requires the same
 * permission as making the tools' own server public.
 */
export async function refuseExposure(
  tx: Transaction,
  server: Omit<SelectingServer, 'id'>,
  { permissions }: Pick<Principal, 'permissions'>,
): Promise<void> {
  if (!server.isPublic || !selects(server) || permissions.includes('connectors:write')) return;
  const [slug] = await store.listSharedSlugs(tx, server.workspaceId, server.selectedTools);
  if (slug === undefined) return;
  const message = `${slug} belongs to the organization; selecting it for a public server requires the permission connectors:write`;
  throw new AppError('forbidden', message);
}

async function readLentOrigin(tx: Transaction, workspaceId: string, serverId: string): Promise<store.OriginSettings> {
  const [lent] = await readLentServers(tx, workspaceId, serverId);
  if (lent === undefined) return store.noOrigin;
  const { allowedHosts, pool, credentialsVersion, compiled } = lent;
  return { allowedHosts, pool, credentialsVersion, tools: compiled.tools };
}

function selects({ mode, selectedTools }: Pick<SelectingServer, 'mode' | 'selectedTools'>): boolean {
  return mode === 'NORMAL' && selectedTools.length > 0;
}

function reasonAgainst(tool: store.SelectableTool | undefined, serverId: string): string | undefined {
  if (tool === undefined) return 'is not in any toolkit of the catalogue';
  return tool.serverId === serverId ? 'is a tool of this server, which already offers it' : undefined;
}

type Detail = { path: string; message: string; suggestions?: string[] };
