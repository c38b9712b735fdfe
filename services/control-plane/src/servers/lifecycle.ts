import { AppError, type Diagnostic } from '@toolplane/contracts';
import { removeTools } from '../catalogue/published-tools.ts';
import type { ChangeNotices } from '../platform/change-notices.ts';
import type { Database } from '../platform/database/database.ts';
import { newId } from '../platform/ids.ts';
import type { Principal } from '../platform/principals/principal.ts';
import type { Quotas } from '../platform/quotas/quotas.ts';
import { adviseOnServer } from './deployments/advise-on-server.ts';
import type { Deployments } from './deployments/deployments.ts';
import { relistTools } from './deployments/relist-tools.ts';
import { copyAttached } from './external-servers/copy-attached.ts';
import { copyPolicy } from './policies/stored-policies.ts';
import { listSecretHosts } from './secrets/secret-hosts.ts';
import { refuseExposure } from './selected-tools/selected-tools.ts';
import {
  deleteServer,
  getLockedServer,
  getServer,
  refuseDuplicate,
  refuseInstanceServer,
  refuseOtherVersion,
} from './server-record.ts';
import { type ShownServer, showServer } from './servers.ts';
import * as store from './store.ts';

/** `secretsToSet` has the names of the original's secrets, whose values are never copied. */
export type Duplicate = { server: ShownServer; secretsToSet: string[]; diagnostics: Diagnostic[] };

/**
 * Actions on whole servers. Servers of connector instances are stopped through their instances. `version` is the
 * version that the caller saw; undefined accepts any version.
 */
export type ServerLifecycle = {
  /** Has no effect if the server is already stopped. */
  stop(principal: Principal, idOrSlug: string, version: number | undefined): Promise<ShownServer>;
  start(principal: Principal, idOrSlug: string, version: number | undefined): Promise<ShownServer>;
  /** Stops the server, and removes it from lists. Its name stays taken. */
  archive(principal: Principal, idOrSlug: string, version: number | undefined): Promise<ShownServer>;
  /** Lists the server again. It stays stopped. */
  unarchive(principal: Principal, idOrSlug: string, version: number | undefined): Promise<ShownServer>;
  /** Creates a server with the settings of another one and what that one has deployed. */
  duplicate(principal: Principal, idOrSlug: string, slug: string): Promise<Duplicate>;
};

export function createServerLifecycle(options: {
  database: Database;
  changes: ChangeNotices;
  deployments: Pick<Deployments, 'copyActive' | 'restoreTools'>;
  quotas: Quotas;
}): ServerLifecycle {
  const { database, changes, deployments, quotas } = options;

  async function settle(
    principal: Principal,
    idOrSlug: string,
    version: number | undefined,
    decide: (server: store.Server) => Partial<store.Standing>,
  ) {
    const settled = await database.within(principal, async (tx) => {
      const { id } = await getServer(tx, idOrSlug);
      const server = await getLockedServer(tx, id);
      refuseInstanceServer(server);
      refuseOtherVersion(server, version);
      const standing = { isStopped: server.isStopped, isArchived: server.isArchived, ...decide(server) };
      const { isStopped, isArchived } = standing;
      if (isStopped === server.isStopped && isArchived === server.isArchived) return showServer(tx, server);
      const changed = await store.updateServer(tx, id, standing);
      if (isStopped && !server.isStopped) await removeTools(tx, id);
      if (!isStopped && server.isStopped) await deployments.restoreTools(tx, id);
      return showServer(tx, changed);
    });
    await changes.notify('server.changed', settled.id);
    return settled;
  }

  async function duplicate(principal: Principal, idOrSlug: string, slug: string): Promise<Duplicate> {
    const { workspaceId } = principal;
    await quotas.requireRoom('servers', principal.organizationId);
    const { server, secrets } = await database.within(principal, async (tx) => {
      const server = await getServer(tx, idOrSlug);
      refuseInstanceServer(server);
      await refuseExposure(tx, server, principal);
      return { server, secrets: await listSecretHosts(tx, server.id) };
    });
    const id = newId('srv');
    const copied = await deployments.copyActive(principal, server, { id, slug });
    const { description, mode, isPublic, allowedHosts, sharesConnections, sourceServers, selectedTools } = server;
    const { ownIssuer, pool } = server;
    const hosts = { allowedHosts, sharesConnections, sourceServers };
    const settings = { description, mode, isPublic, ...hosts, selectedTools, ownIssuer, pool };
    await database
      .within(principal, async (tx) => {
        await store.insertServer(tx, { id, workspaceId, slug, ...settings });
        await copyAttached(tx, principal, server.id, id);
        await copyPolicy(tx, server.id, { id, workspaceId });
        await relistTools(tx, id);
      })
      .catch(refuseDuplicate);
    try {
      await copied?.run();
    } catch (error) {
      await remove(principal, id);
      throw error;
    }
    await changes.notify('server.changed', id);
    const secretsToSet = secrets.map(({ name }) => name);
    return database.within(principal, async (tx) => {
      const server = await getServer(tx, id);
      return {
        server: await showServer(tx, server),
        secretsToSet,
        diagnostics: await adviseOnServer(tx, server, copied),
      };
    });
  }

  /** Removes a copy that could not be published completely. */
  async function remove(principal: Principal, id: string): Promise<void> {
    await database.within(principal, async (tx) => deleteServer(tx, await getLockedServer(tx, id)));
    await changes.notify('server.removed', id);
  }

  return {
    stop: (principal, idOrSlug, version) => settle(principal, idOrSlug, version, () => ({ isStopped: true })),
    start: (principal, idOrSlug, version) =>
      settle(principal, idOrSlug, version, ({ isArchived }) => {
        if (isArchived) throw new AppError('conflict', 'The server is archived; unarchive it before you start it');
        return { isStopped: false };
      }),
    archive: (principal, idOrSlug, version) =>
      settle(principal, idOrSlug, version, () => ({ isStopped: true, isArchived: true })),
    unarchive: (principal, idOrSlug, version) => settle(principal, idOrSlug, version, () => ({ isArchived: false })),
    duplicate,
  };
}
