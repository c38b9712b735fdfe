import { AppError, secretRefSchema, storedSecretSchema } from '@toolplane/contracts';
import type { Page, PageRequest } from '@toolplane/service-kit';
import type { Principal } from '../access/principal.ts';
import type { Commands } from '../commands.ts';
import type { Database } from '../database/database.ts';
import { orNotFound } from '../or-not-found.ts';
import { getLockedServer, getServer } from '../servers/servers.ts';
import { checkSealed } from './sealed.ts';
import * as store from './store.ts';

export { listSecretNames } from './store.ts';

/** Sealed values pass through to the data plane; names, hosts, versions and times stay. No value is ever here. */
export type Secrets = {
  put(principal: Principal, idOrSlug: string, name: string, sealed: string): Promise<store.Secret>;
  remove(principal: Principal, idOrSlug: string, name: string): Promise<store.Secret>;
  list(principal: Principal, idOrSlug: string, page: PageRequest): Promise<Page<store.Secret>>;
  /** Deletes what a deleted server left in the secret store; each time of the next one. */
  sweep(): Promise<void>;
};

export function createSecrets({ database, commands }: { database: Database; commands: Commands }): Secrets {
  const findServer = (principal: Principal, idOrSlug: string) =>
    database.within(principal, (tx) => getServer(tx, idOrSlug));
  let sweptId = '';

  return {
    async put(principal, idOrSlug, name, sealed) {
      const { id: serverId, workspaceId } = await findServer(principal, idOrSlug);
      checkSealed(sealed);
      const ref = { workspaceId, serverId, name };
      return database.within(principal, async (tx) => {
        // One writer of a name at a time, so that what is listed is what the store holds.
        await store.lockSecret(tx, ref);
        const stored = storedSecretSchema.parse(
          await commands.send(workspaceId, { command: 'store_secret', ref, sealed }),
        );
        try {
          await getLockedServer(tx, serverId);
          return await store.saveSecret(tx, ref, stored);
        } catch (error) {
          // The server was deleted meanwhile, and its removal does not know of this value.
          if (error instanceof AppError && error.code === 'not_found') {
            await commands.send(workspaceId, { command: 'delete_secret', ref });
          }
          throw error;
        }
      });
    },

    async remove(principal, idOrSlug, name) {
      const { id: serverId, workspaceId } = await findServer(principal, idOrSlug);
      const ref = { workspaceId, serverId, name };
      return database.within(principal, async (tx) => {
        await store.lockSecret(tx, ref);
        const secret = orNotFound(await store.findSecret(tx, ref));
        await commands.send(workspaceId, { command: 'delete_secret', ref });
        await store.deleteSecret(tx, ref);
        return secret;
      });
    },

    list: (principal, idOrSlug, page) =>
      database.within(principal, async (tx) => {
        const server = await getServer(tx, idOrSlug);
        return store.listSecrets(tx, { serverId: server.id, ...page });
      }),

    async sweep() {
      try {
        const removal = await database.asPlatform((tx) => store.findLeftovers(tx, sweptId));
        if (removal === undefined) return;
        const { workspaceId, serverId, secretNames } = removal;
        // Also when it fails, so that the others have their turn first.
        sweptId = serverId;
        for (const name of secretNames) {
          const ref = secretRefSchema.parse({ workspaceId, serverId, name });
          await commands.send(workspaceId, { command: 'delete_secret', ref });
        }
        await database.asPlatform((tx) => store.clearLeftovers(tx, serverId));
      } finally {
        await database.asPlatform(store.deleteSettledRemovals);
      }
    },
  };
}
