import { isDeepStrictEqual } from 'node:util';
import { AppError, type Diagnostic, notValid } from '@toolplane/contracts';
import type { ListPage } from '@toolplane/service-kit/http';
import { noteToolChange } from '../catalogue/published-tools.ts';
import type { ChangeNotices } from '../platform/change-notices.ts';
import { type Destination, toServerPool } from '../platform/commands/commands.ts';
import type { Pools } from '../platform/commands/pools.ts';
import type { Cursors } from '../platform/cursor.ts';
import type { Database, Transaction } from '../platform/database/database.ts';
import { newId } from '../platform/ids.ts';
import type { Principal } from '../platform/principals/principal.ts';
import type { Quotas } from '../platform/quotas/quotas.ts';
import { adviseOnServer } from './deployments/advise-on-server.ts';
import type { Deployments } from './deployments/deployments.ts';
import { relistTools } from './deployments/relist-tools.ts';
import type { ExternalConfig } from './external-servers/external-config.ts';
import type { ExternalServers } from './external-servers/external-servers.ts';
import type { PreparedAttached } from './external-servers/prepare-attached.ts';
import { type ShownAttached, showAttached } from './external-servers/show-attached.ts';
import { type LeftBehind, listLeftBehind } from './left-behind.ts';
import type { InspectIssuer } from './own-issuers/inspect-issuer.ts';
import {
  readSelection,
  refuseExposure,
  refuseUnselectable,
  type SelectionState,
} from './selected-tools/selected-tools.ts';
import {
  getLockedServer,
  getServer,
  refuseDuplicate,
  refuseInstanceServer,
  refuseOtherVersion,
  refuseSharedServer,
} from './server-record.ts';
import * as store from './store.ts';

export type ServerListRequest = Omit<store.ServerList, 'after'> & { cursor: string | undefined };

/** A server with the state of the tools that it selects, and of its external servers. */
export type ShownServer = store.Server &
  Pick<SelectionState, 'renamed' | 'missing' | 'leftOut' | 'exposed'> & { externalMcpConfigs: ShownAttached[] };

/** External servers to attach. They replace the current ones. */
type Attaching = { externalMcpConfigs?: readonly ExternalConfig[] | undefined };

export type Servers = {
  create(
    principal: Principal,
    request: Omit<store.NewServer, 'id' | 'workspaceId'> & Attaching,
  ): Promise<{ server: ShownServer; diagnostics: Diagnostic[] }>;
  list(principal: Principal, request: ServerListRequest): Promise<ListPage<store.Server> & { page: number }>;
  get(principal: Principal, idOrSlug: string): Promise<ShownServer>;
  /** Undefined if no such server exists. */
  findId(principal: Principal, idOrSlug: string): Promise<string | undefined>;
  /**
   * `version` is the version on which the change is based; undefined accepts any version. `diagnostics` are advice on
   * the tools that clients see, if the change affects these, and on the running document, if it was compiled again for
   * the change.
   */
  change(
    principal: Principal,
    idOrSlug: string,
    change: store.ServerChange & Attaching,
    version: number | undefined,
  ): Promise<{ server: ShownServer; diagnostics: Diagnostic[]; leftBehind: LeftBehind[] }>;
  remove(principal: Principal, idOrSlug: string): Promise<void>;
};

export function createServers(options: {
  database: Database;
  changes: ChangeNotices;
  cursors: Cursors;
  deployments: Pick<Deployments, 'recompileActive'>;
  externalServers: Pick<ExternalServers, 'prepare'>;
  inspectIssuer: InspectIssuer;
  pools: Pools;
  quotas: Quotas;
}): Servers {
  const { database, changes, cursors, deployments, externalServers, inspectIssuer, pools, quotas } = options;

  /** If an issuer is being set, checks it, and adds its endpoint from its current metadata. */
  async function inspectOwnIssuer<Asked extends Pick<store.ServerChange, 'ownIssuer'>>(
    to: Destination,
    asked: Asked,
  ): Promise<Asked> {
    const { ownIssuer } = asked;
    return ownIssuer === undefined || ownIssuer === null
      ? asked
      : { ...asked, ownIssuer: await inspectIssuer(to, ownIssuer) };
  }

  /** Checks external servers before they are attached. */
  async function prepareAttaching(
    principal: Principal,
    idOrSlug: string,
    { externalMcpConfigs }: Attaching,
    version: number | undefined,
  ): Promise<PreparedAttached | undefined> {
    if (externalMcpConfigs === undefined) return undefined;
    const server = await database.within(principal, (tx) => getServer(tx, idOrSlug));
    refuseInstanceServer(server);
    refuseOtherVersion(server, version);
    return externalServers.prepare(principal, server, externalMcpConfigs);
  }

  /**
   * Attaches external servers to a server that was just created: sealed headers are stored with the secrets of a
   * server, so it must exist first.
   */
  async function attachTo(created: ShownServer, principal: Principal, request: Attaching): Promise<ShownServer> {
    if (request.externalMcpConfigs === undefined || request.externalMcpConfigs.length === 0) return created;
    const { id } = created;
    try {
      const attaching = await prepareAttaching(principal, id, request, undefined);
      return await database.within(principal, async (tx) => {
        await getLockedServer(tx, id);
        await attaching?.save(tx);
        await relistTools(tx, id);
        await changes.markServerUnpublished(tx, id);
        return showServer(tx, await getServer(tx, id));
      });
    } catch (error) {
      await database.within(principal, async (tx) => store.deleteServer(tx, await getLockedServer(tx, id)));
      await changes.notify('server.removed', id);
      throw error;
    }
  }

  /**
   * Compiles the running document again if `sourceServers` changes. Other changes need no new plans, because everything
   * else is read when the server is published.
   */
  async function prepareChange(principal: Principal, idOrSlug: string, change: store.ServerChange) {
    const { sourceServers, ...rest } = change;
    if (sourceServers === undefined) return { change };
    const server = await database.within(principal, (tx) => getServer(tx, idOrSlug));
    refuseInstanceServer(server);
    // If nothing changes, nothing may be written, because that would undo concurrent changes by others.
    if (isDeepStrictEqual(sourceServers, server.sourceServers)) return { change: rest };
    const { slug = server.slug, mode = server.mode } = change;
    const changed = { ...server, slug, mode, sourceServers };
    return { change, recompiled: await deployments.recompileActive(principal, changed) };
  }

  async function saveChange(
    principal: Principal,
    idOrSlug: string,
    asked: store.ServerChange,
    { version, attaching }: { version: number | undefined; attaching: PreparedAttached | undefined },
  ) {
    // Fails early, so that no other service receives a request about a server that does not exist.
    const before = await database.within(principal, (tx) => getServer(tx, idOrSlug));
    const looked = await inspectOwnIssuer(toServerPool({ ...before, ...definedPool(asked) }), asked);
    const { change, recompiled } = await prepareChange(principal, idOrSlug, looked);
    return database
      .within(principal, async (tx) => {
        const { id } = await getServer(tx, idOrSlug);
        const server = await getLockedServer(tx, id);
        if (change.allowedHosts !== undefined || change.selectedTools !== undefined) refuseInstanceServer(server);
        refuseSharedServer(server, principal);
        refuseOtherVersion(server, version);
        if (recompiled !== undefined && recompiled.deploymentId !== server.activeDeploymentId) {
          throw new AppError('conflict', 'Something else was deployed in the meantime; try again');
        }
        const { mode = server.mode, isPublic = server.isPublic, selectedTools = server.selectedTools } = change;
        const selecting = { ...server, mode, isPublic, selectedTools };
        if (change.selectedTools !== undefined) await refuseUnselectable(tx, selecting, server.selectedTools);
        await refuseExposure(tx, selecting, principal);
        await recompiled?.save(tx);
        await attaching?.save(tx);
        if (attaching !== undefined) await relistTools(tx, id);
        const isMoved = change.pool !== undefined && change.pool !== server.pool;
        // Servers that select tools of this server publish the pool and the hosts of these tools.
        if (isMoved || change.allowedHosts !== undefined || change.slug !== undefined) await noteToolChange(tx, id);
        const leftBehind = isMoved ? await listLeftBehind(tx, server) : [];
        const updated = await store.updateServer(tx, id, change);
        const isAffected = attaching !== undefined || recompiled !== undefined || affectsListing(change);
        const diagnostics = isAffected ? await adviseOnServer(tx, updated, recompiled) : [];
        return { server: await showServer(tx, updated), leftBehind, diagnostics };
      })
      .catch(refuseDuplicate);
  }

  return {
    async create(principal, { externalMcpConfigs, ...asked }) {
      const { workspaceId } = principal;
      pools.check(asked.pool, 'body.pool');
      await quotas.requireRoom('servers', principal.organizationId);
      const request = await inspectOwnIssuer({ tenant: workspaceId, pool: asked.pool ?? null }, asked);
      const created = await database
        .within(principal, async (tx) => {
          const server = { id: newId('srv'), workspaceId, ...request };
          await refuseUnselectable(tx, server);
          await refuseExposure(tx, server, principal);
          return showServer(tx, await store.insertServer(tx, server));
        })
        .catch(refuseDuplicate);
      const server = await attachTo(created, principal, { externalMcpConfigs });
      await changes.notify('server.changed', server.id);
      return { server, diagnostics: await database.within(principal, (tx) => adviseOnServer(tx, server)) };
    },

    async list(principal, { cursor, ...request }) {
      const { q, sortBy, sortOrder, isArchived } = request;
      const question = JSON.stringify([principal.workspaceId, q, sortBy, sortOrder, isArchived]);
      const after = cursor === undefined ? undefined : cursors.open(cursor, question);
      const page = after?.page ?? request.page;
      const found = await database.within(principal, (tx) => store.listServers(tx, { ...request, after }));
      const last = found.items.at(-1);
      if (last === undefined || !found.hasMore) return { ...found, page };
      const value = sortBy === 'name' ? last.slug : last[sortBy];
      return { ...found, page, nextCursor: cursors.seal({ value, id: last.id, page: page + 1 }, question) };
    },

    get: (principal, idOrSlug) =>
      database.within(principal, async (tx) => showServer(tx, await getServer(tx, idOrSlug))),

    findId: (principal, idOrSlug) =>
      database.within(principal, async (tx) => (await store.findServer(tx, idOrSlug))?.id),

    async change(principal, idOrSlug, { externalMcpConfigs, ...asked }, version) {
      pools.check(asked.pool, 'body.pool');
      if (asked.pool !== undefined && externalMcpConfigs !== undefined) {
        throw notValid([
          { path: 'body.pool', message: 'cannot be changed together with externalMcpConfigs: move the server first' },
        ]);
      }
      const attaching = await prepareAttaching(principal, idOrSlug, { externalMcpConfigs }, version);
      try {
        const changed = await saveChange(principal, idOrSlug, asked, { version, attaching });
        await changes.notify('server.changed', changed.server.id);
        await attaching?.cleanUp();
        return changed;
      } catch (error) {
        await attaching?.discard();
        throw error;
      }
    },

    async remove(principal, idOrSlug) {
      const removed = await database.within(principal, async (tx) => {
        const { id } = await getServer(tx, idOrSlug);
        const server = await getLockedServer(tx, id);
        refuseInstanceServer(server);
        await store.deleteServer(tx, server);
        return server;
      });
      await changes.notify('server.removed', removed.id);
    },
  };
}

/** Whether clients may see other tools after the change, or see them under another name of the server. */
function affectsListing({ slug, mode, selectedTools }: store.ServerChange): boolean {
  return slug !== undefined || mode !== undefined || selectedTools !== undefined;
}

function definedPool({ pool }: store.ServerChange): { pool?: string | null } {
  return pool === undefined ? {} : { pool };
}

export async function showServer(tx: Transaction, server: store.Server): Promise<ShownServer> {
  const { offered: _, ...selection } = await readSelection(tx, server);
  return { ...server, ...selection, externalMcpConfigs: await showAttached(tx, server.id) };
}
