import { AppError } from '@toolplane/contracts';
import {
  type DeleteUser,
  deleteAuthorizationsOf,
  deleteUser,
  type ExternalUser,
  type ExternalUsers,
  findUser,
  refuseOfPlatform,
} from '../../access/external-users/external-users.ts';
import { hasConnections, type UserConnections } from '../../connectors/credentials/user-connections.ts';
import { lockWorkspace } from '../../identity/workspaces/workspaces.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { eraseUserFromApprovals } from '../approvals/approvals.ts';
import { eraseUserFromCalls } from '../call-log/call-log.ts';

/** Limit of the attempts to end connections that were made while the user was being deleted. */
const ROUNDS_MAX = 5;

export function createUserDeletion(options: {
  database: Database;
  changes: ChangeNotices;
  externalUsers: Pick<ExternalUsers, 'getForChange'>;
  userConnections: Pick<UserConnections, 'list' | 'disconnect'>;
}): DeleteUser {
  const { database, changes, externalUsers, userConnections } = options;

  async function disconnectAll(principal: Principal, username: string): Promise<void> {
    for (;;) {
      const { items } = await userConnections.list(principal, username, { page: 1, limit: 100 });
      if (items.length === 0) return;
      for (const { instanceId } of items) {
        await userConnections.disconnect(principal, username, instanceId).catch(ignoreGone);
      }
    }
  }

  /** Returns the ids of the approvals that ended. */
  async function deleteWithConnections(principal: Principal, user: ExternalUser): Promise<string[]> {
    const { workspaceId } = principal;
    const { id, username } = user;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      await disconnectAll(principal, username);
      await eraseUserFromCalls(database, principal, username);
      const ended = await database.within(principal, async (tx) => {
        await lockWorkspace(tx, workspaceId);
        const present = await findUser(tx, { id });
        // The person has returned in the meantime, so deleting the user would lock the member out.
        if (present?.isActive === true && !user.isActive) refuseOfPlatform(username);
        if (await hasConnections(tx, { workspaceId, username })) return undefined;
        await deleteAuthorizationsOf(tx, workspaceId, username);
        const ids = await eraseUserFromApprovals(tx, username);
        await deleteUser(tx, { id, workspaceId, username });
        return ids;
      });
      if (ended !== undefined) return ended;
    }
    throw new AppError('conflict', 'The user is being connected all the time; deactivate the user, then delete them');
  }

  return async (principal, id) => {
    const { workspaceId } = principal;
    if (!principal.permissions.includes('secrets:write')) {
      throw new AppError('forbidden', 'Deleting a user deletes their credentials: it requires secrets:write');
    }
    const user = await externalUsers.getForChange(principal, id);
    const ended = await deleteWithConnections(principal, user);
    for (const approvalId of ended) await changes.notify('approval.changed', approvalId);
    await changes.notify('users.changed', workspaceId);
  };
}

function ignoreGone(thrown: unknown): void {
  if (!(thrown instanceof AppError) || thrown.code !== 'not_found') throw thrown;
}
