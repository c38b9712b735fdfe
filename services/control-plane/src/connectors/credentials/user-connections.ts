import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import type { Database } from '../../platform/database/database.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { getInstance } from '../instances/connector-instances.ts';
import { toUserRef } from './credential-subject.ts';
import * as store from './store.ts';
import type { CredentialWriter } from './write-credential.ts';

export { hasConnections } from './store.ts';

/** The connections of an external user: the credentials of the scope `user` with the user's name. */
export type UserConnections = {
  list(principal: Principal, username: string, page: PageRequest): Promise<ListPage<store.UserConnection>>;
  /** Deletes the credentials. Throws `not_found` if there are none. */
  disconnect(principal: Principal, username: string, instanceId: string): Promise<void>;
};

export function createUserConnections(options: {
  database: Database;
  writer: Pick<CredentialWriter, 'remove'>;
}): UserConnections {
  const { database, writer } = options;
  return {
    list: (principal, username, page) =>
      database.within(principal, (tx) =>
        store.listUserConnections(tx, { workspaceId: principal.workspaceId, username, ...page }),
      ),

    async disconnect(principal, username, instanceId) {
      const instance = await database.within(principal, (tx) => getInstance(tx, instanceId));
      await writer.remove(instance, toUserRef(instance, principal.workspaceId, username));
    },
  };
}
