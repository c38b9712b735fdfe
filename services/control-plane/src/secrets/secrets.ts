import { secretRefSchema, storedSecretSchema } from '@toolplane/contracts';
import type { Page, PageRequest } from '@toolplane/service-kit';
import type { Principal } from '../access/principal.ts';
import type { Commands } from '../commands.ts';
import type { Database } from '../database/database.ts';
import { orNotFound } from '../or-not-found.ts';
import { getServer } from '../servers/servers.ts';
import { checkSealed } from './sealed.ts';
import * as store from './store.ts';

export { listSecretNames } from './store.ts';

/** Sealed values pass through to the data plane; names, hosts, versions and times stay. No value is ever here. */
export type Secrets = {
  put(principal: Principal, idOrSlug: string, name: string, sealed: string): Promise<store.Secret>;
  remove(principal: Principal, idOrSlug: string, name: string): Promise<store.Secret>;
  list(principal: Principal, idOrSlug: string, page: PageRequest): Promise<Page<store.Secret>>;
  /** Deletes what deleted servers left in the secret store. */
  sweep(): Promise<void>;
};

export function createSecrets({ database, commands }: { database: Database; commands: Commands }): Secrets {
  const findServer = (principal: Principal, idOrSlug: string) =>
    database.within(principal, (tx) => getServer(tx, idOrSlug));

  return {
    async put(principal, idOrSlug, name, sealed) {
      const { id: serverId, workspaceId } = await findServer(principal, idOrSlug);
      checkSealed(sealed);
      const ref = { workspaceId, serverId, name };
      const stored = storedSecretSchema.parse(
        await commands.send(workspaceId, { command: 'store_secret', ref, sealed }),
      );
      return database.within(principal, async (tx) => {
        // It may have been deleted meanwhile.
        await getServer(tx, serverId);
        return store.saveSecret(tx, ref, stored);
      });
    },

    async remove(principal, idOrSlug, name) {
      const { id: serverId, workspaceId } = await findServer(principal, idOrSlug);
      const ref = { workspaceId, serverId, name };
      const secret = orNotFound(await database.within(principal, (tx) => store.findSecret(tx, ref)));
      await commands.send(workspaceId, { command: 'delete_secret', ref });
      await database.within(principal, (tx) => store.deleteSecret(tx, ref));
      return secret;
    },

    list: (principal, idOrSlug, page) =>
      database.within(principal, async (tx) => {
        const server = await getServer(tx, idOrSlug);
        return store.listSecrets(tx, { serverId: server.id, ...page });
      }),

    async sweep() {
      const removal = await database.asPlatform(store.findLeftovers);
      if (removal !== null) {
        const { workspaceId, serverId, secretNames } = removal;
        for (const name of secretNames) {
          const ref = secretRefSchema.parse({ workspaceId, serverId, name });
          await commands.send(workspaceId, { command: 'delete_secret', ref });
        }
        await database.asPlatform((tx) => store.clearLeftovers(tx, serverId));
      }
      await database.asPlatform(store.deleteSettledRemovals);
    },
  };
}
