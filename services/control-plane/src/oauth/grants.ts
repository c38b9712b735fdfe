import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import { findRoles } from '../identity/people/places.ts';
import type { Database } from '../platform/database/database.ts';
import { orNotFound } from '../platform/or-not-found.ts';
import * as store from './grant-store.ts';

export type Grant = {
  id: string;
  client: { id: string; name: string | null };
  server: { id: string; slug: string };
  workspace: { id: string; name: string };
  scopes: string[];
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
};

/** What people allow clients to do at servers. */
export type Grants = {
  /** Returns the newest grants first. */
  list(personId: string, page: PageRequest): Promise<ListPage<Grant>>;
  /** Refresh tokens become invalid at once; access tokens that were issued before stay valid for up to ten minutes. */
  revoke(personId: string, id: string): Promise<void>;
  /** Revokes grants for workspaces of which the person is no longer a member. */
  revokeLost(personId: string): Promise<void>;
};

export function createGrants({ database }: { database: Database }): Grants {
  return {
    async list(personId, page) {
      const { items, total } = await database.asPlatform((tx) => store.listGrants(tx, personId, page));
      return { items: items.map(toGrant), total };
    },

    async revoke(personId, id) {
      const count = await database.asPlatform((tx) => store.deleteGrants(tx, { personId, id }));
      orNotFound(count === 0 ? undefined : count, 'grant');
    },

    revokeLost: (personId) =>
      database.asPlatform(async (tx) => {
        for (const workspaceId of await store.listWorkspacesOf(tx, personId)) {
          const roles = await findRoles(tx, personId, workspaceId);
          if (roles === undefined) await store.deleteGrants(tx, { personId, workspaceId });
        }
      }),
  };
}

function toGrant(row: store.ListedGrant): Grant {
  const { id, clientId, clientName, serverId, workspaceId, scopes, createdAt, expiresAt, lastUsedAt } = row;
  return {
    id,
    client: { id: clientId, name: clientName },
    server: { id: serverId, slug: row.server.slug },
    workspace: { id: workspaceId, name: row.workspace.name },
    scopes,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
