import type { SeenUser } from '@toolplane/bus';
import { AppError, DEFAULT_USERNAME } from '@toolplane/contracts';
import type { ListPage } from '@toolplane/service-kit/http';
import { findRoles } from '../../identity/people/places.ts';
import { refuseTooManyDeactivated } from '../../identity/workspaces/deactivated.ts';
import { lockWorkspace } from '../../identity/workspaces/workspaces.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import { type Database, refusingDuplicates, type Transaction } from '../../platform/database/database.ts';
import { isIdOf, newId } from '../../platform/ids.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import type { Quotas } from '../../platform/quotas/quotas.ts';
import { findAgent } from '../agents/agents.ts';
import * as store from './store.ts';

/** Exported for the deletion of a user with everything that belongs to them. */
export { deleteAuthorizationsOf, deleteUser, type ExternalUser, findUser } from './store.ts';

/**
 * Manages the users in whose names the keys of a workspace call. A user gets a row with the first credentials,
 * connection, approval or deactivation, or when somebody creates them.
 */
export type ExternalUsers = {
  create(principal: Principal, username: string): Promise<store.ExternalUser>;
  list(principal: Principal, request: store.UserList): Promise<ListPage<store.ExternalUser>>;
  get(principal: Principal, id: string): Promise<store.ExternalUser>;
  getByName(principal: Principal, username: string): Promise<store.ExternalUser>;
  /** Returns a user to change or delete. Throws `conflict` for agents and members, which other APIs manage. */
  getForChange(principal: Principal, id: string): Promise<store.ExternalUser>;
  /** Activates or deactivates a user. If `isActive` is undefined, switches to the opposite state. */
  toggle(principal: Principal, id: string, isActive?: boolean): Promise<store.ExternalUser>;
  /** Records when the edges last saw users that have a row. */
  noteSeen(seen: SeenUser[]): Promise<void>;
};

/**
 * Deletes a user with everything that belongs to them: credentials, sign-ins in progress, approvals for them, and their
 * name in the call log and in approvals. If it fails midway, the user still exists, and deleting them again completes
 * it.
 */
export type DeleteUser = (principal: Principal, id: string) => Promise<void>;

export function createExternalUsers(options: {
  database: Database;
  changes: ChangeNotices;
  quotas: Quotas;
}): ExternalUsers {
  const { database, changes, quotas } = options;

  const get = (principal: Principal, id: string) =>
    database.within(principal, async (tx) => orNotFound(await store.findUser(tx, { id }), 'external user'));

  async function isOfPlatform(principal: Principal, { username }: store.ExternalUser): Promise<boolean> {
    if (isIdOf('agt', username)) {
      return (await database.within(principal, (tx) => findAgent(tx, username))) !== undefined;
    }
    if (!isIdOf('psn', username)) return false;
    return (await database.asPlatform((tx) => findRoles(tx, username, principal.workspaceId))) !== undefined;
  }

  async function getForChange(principal: Principal, id: string): Promise<store.ExternalUser> {
    const user = await get(principal, id);
    if (await isOfPlatform(principal, user)) refuseOfPlatform(user.username);
    return user;
  }

  return {
    async create(principal, username) {
      const { workspaceId } = principal;
      refuseOfPlatform(username);
      await quotas.requireRoom('externalUsers', principal.organizationId);
      const created = await database
        .within(principal, async (tx) => {
          await lockWorkspace(tx, workspaceId);
          return store.insertUser(tx, { id: newId('usr'), workspaceId, username, source: 'api' });
        })
        .catch(refuseDuplicate);
      await changes.notify('users.changed', workspaceId);
      return created;
    },

    list: (principal, request) => database.within(principal, (tx) => store.listUsers(tx, request)),
    get,
    getForChange,
    getByName: (principal, username) =>
      database.within(principal, async (tx) => orNotFound(await store.findUser(tx, { username }), 'external user')),

    async toggle(principal, id, isActive) {
      const { workspaceId } = principal;
      await getForChange(principal, id);
      const toggled = await database.within(principal, async (tx) => {
        await lockWorkspace(tx, workspaceId);
        const present = orNotFound(await store.findUser(tx, { id }), 'external user');
        if (present.isActive === isActive) return present;
        const user = await store.toggleUser(tx, present);
        if (user.isActive) refuseOfPlatform(user.username);
        else await refuseTooManyDeactivated(tx, workspaceId);
        return user;
      });
      await changes.notify('users.changed', workspaceId);
      return toggled;
    },

    noteSeen: (seen) => database.asPlatform((tx) => store.noteSeen(tx, seen)),
  };
}

/**
 * When tokens of agents or people are refused, they are listed here by their ids. Other APIs manage them: a role that
 * may switch external users must not activate an agent that others have deactivated, nor lock out a member by deleting
 * them (T31). Any other user whose name has that form can still be deactivated, permanently, and deleted.
 */
export function refuseOfPlatform(username: string): void {
  if (isIdOf('agt', username)) {
    throw new AppError('conflict', 'This is the name of an agent; change and delete agents through the agents API');
  }
  if (isIdOf('psn', username)) {
    throw new AppError('conflict', 'This is the name of a person; invite and remove people through the members API');
  }
}

/** Also covers deleted users. False for a user without a row. */
export async function isDeactivated(tx: Transaction, workspaceId: string, username: string): Promise<boolean> {
  return (await store.findStanding(tx, workspaceId, username))?.isActive === false;
}

/** Creates a row for a user who is about to get credentials, a connection or an approval. Throws `quota_exceeded`. */
export async function keepUser(
  { database, quotas }: { database: Database; quotas: Quotas },
  user: { organizationId: string; workspaceId: string; username: string },
): Promise<void> {
  if (user.username === DEFAULT_USERNAME) return;
  const standing = await database.asPlatform((tx) => store.findStanding(tx, user.workspaceId, user.username));
  if (standing !== undefined) return;
  await quotas.requireRoom('externalUsers', user.organizationId);
  await database.asPlatform((tx) => store.keepUser(tx, user));
}

/** The reason why edges refuse requests in the name of a user. Undefined if they accept them. */
export async function findRefusalOfUser(
  tx: Transaction,
  workspaceId: string,
  username: string,
): Promise<string | undefined> {
  const user = await store.findStanding(tx, workspaceId, username);
  if (user !== undefined) return user.isActive ? undefined : 'The user is deactivated';
  const { unknownUsers } = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } });
  return unknownUsers === 'refuse'
    ? 'The workspace has no user with this name, and does not accept unknown users'
    : undefined;
}

const refuseDuplicate = refusingDuplicates('The workspace already has a user with this name');
