import { AppError } from '@toolplane/contracts';
import { refusingDuplicates, type Transaction } from '../platform/database/database.ts';
import { orNotFound } from '../platform/or-not-found.ts';
import type { Principal } from '../platform/principals/principal.ts';
import * as store from './store.ts';

/* Finds, locks and guards the record of a server, for everything that belongs to a server. */

export type { Server } from './store.ts';
/** Exported for the servers of connector instances, which cannot be created or deleted directly. */
export { deleteServer, insertServer, listInstanceServers, listSlugs } from './store.ts';

export async function getServer(tx: Transaction, idOrSlug: string): Promise<store.Server> {
  return orNotFound(await store.findServer(tx, idOrSlug), 'MCP server');
}

export async function getLockedServer(tx: Transaction, id: string): Promise<store.Server> {
  return orNotFound(await store.lockServer(tx, id), 'MCP server');
}

/** Refuses the change, because the connector instance decides what its server runs, and whether the server exists. */
export function refuseInstanceServer({ connectorInstanceId }: store.Server): void {
  if (connectorInstanceId === null) return;
  throw new AppError(
    'conflict',
    `The server belongs to the connector instance ${connectorInstanceId}; change the instance instead`,
  );
}

/** `version` is the version that the person saw; undefined accepts any version. */
export function refuseOtherVersion(server: store.Server, version: number | undefined): void {
  if (version === undefined || version === server.version) return;
  throw new AppError('conflict', `The server is now at version ${server.version}`);
}

/** Requires a permission to change a shared server, because all workspaces of the organization use it. */
export function refuseSharedServer({ isShared }: store.Server, { permissions }: Pick<Principal, 'permissions'>): void {
  if (!isShared || permissions.includes('connectors:write')) return;
  const message = 'Changing the server of an organization instance requires the permission connectors:write';
  throw new AppError('forbidden', message);
}

export const refuseDuplicate = refusingDuplicates('The workspace already has a server with this name');
