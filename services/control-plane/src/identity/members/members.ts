import type { MembershipScope } from '@toolplane/contracts';
import { AppError, type Role, type Roles } from '@toolplane/contracts';
import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { listPersons } from '../people/people.ts';
import { refuseBeyondReach, refuseBeyondWorkspace } from './reach.ts';
import * as store from './store.ts';

export { findMembership, insertMembership, lockOrganization, setRole } from './store.ts';

export type Member = {
  personId: string;
  email: string;
  name: string;
  workspaceId: string | null;
  role: Role;
  createdAt: string;
  lastSignInAt: string | null;
};

/** The roles of a person in the organization and in this workspace. */
export type MemberRoles = { personId: string; email: string; name: string; roles: Roles };

/** Manages people in an organization or a workspace. Changes apply from the next request on. */
export type Members = {
  list(principal: Principal, request: PageRequest & { scope: MembershipScope }): Promise<ListPage<Member>>;
  get(principal: Principal, personId: string): Promise<MemberRoles>;
  change(principal: Principal, personId: string, change: { scope: MembershipScope; role: Role }): Promise<Member>;
  remove(principal: Principal, personId: string, scope: MembershipScope): Promise<void>;
};

/** Called after somebody has left, to end access that they were granted elsewhere. */
export type Leaving = (left: { personId: string; organizationId: string; workspaceId: string | null }) => Promise<void>;

export function createMembers(options: {
  database: Database;
  /** Voids the invitations of somebody who leaves, in the same transaction. */
  withdrawInvitations(tx: Transaction, invitedBy: { personId: string; organizationId: string }): Promise<void>;
  onLeave: Leaving;
}): Members {
  const { database, withdrawInvitations, onLeave } = options;

  /** The membership to change. The organization is locked, so that two owners cannot remove each other concurrently. */
  async function take(tx: Transaction, principal: Principal, personId: string, scope: MembershipScope) {
    await store.lockOrganization(tx, principal.organizationId);
    const found = orNotFound(await store.findMembership(tx, personId, placeOf(principal, scope)), 'member');
    refuseBeyondReach(principal, scope, found.role);
    return found;
  }

  return {
    async list(principal, { scope, ...page }) {
      refuseBeyondWorkspace(principal, scope);
      const { workspaceId } = placeOf(principal, scope);
      const found = await database.within(principal, (tx) =>
        store.listMemberships(tx, { workspaceId: workspaceId ?? undefined, ...page }),
      );
      return { items: await withNames(database, found.items), total: found.total };
    },

    async get(principal, personId) {
      const roles = await database.within(principal, (tx) => findRolesAt(tx, personId, principal));
      orNotFound(roles.organization ?? roles.workspace, 'member');
      const [person] = await database.asPlatform((tx) => listPersons(tx, [personId]));
      const { email, name } = orNotFound(person, 'member');
      return { personId, email, name, roles };
    },

    async change(principal, personId, { scope, role }) {
      const changed = await database.within(principal, async (tx) => {
        const found = await take(tx, principal, personId, scope);
        refuseBeyondReach(principal, scope, role);
        if (role !== 'owner') await refuseWithoutOwner(tx, found);
        await store.setRole(tx, found, role);
        return { ...found, role };
      });
      const [member] = await withNames(database, [changed]);
      return orNotFound(member);
    },

    async remove(principal, personId, scope) {
      const { organizationId, workspaceId } = await database.within(principal, async (tx) => {
        const found = await take(tx, principal, personId, scope);
        await refuseWithoutOwner(tx, found);
        await store.deleteMembership(tx, found);
        await withdrawInvitations(tx, found);
        return found;
      });
      await onLeave({ personId, organizationId, workspaceId });
    },
  };
}

/** The roles of a person in an organization and, if one is passed, in one of its workspaces. */
export async function findRolesAt(
  tx: Transaction,
  personId: string,
  { organizationId, workspaceId }: { organizationId: string; workspaceId: string | null },
): Promise<Roles> {
  const whole = await store.findMembership(tx, personId, { organizationId, workspaceId: null });
  const part =
    workspaceId === null ? undefined : await store.findMembership(tx, personId, { organizationId, workspaceId });
  return { organization: whole?.role, workspace: part?.role };
}

export function placeOf({ organizationId, workspaceId }: Principal, scope: MembershipScope) {
  return { organizationId, workspaceId: scope === 'workspace' ? workspaceId : null };
}

/** An organization must keep an owner, so that somebody can appoint owners. */
async function refuseWithoutOwner(tx: Transaction, { organizationId, workspaceId, role }: store.Membership) {
  if (role !== 'owner' || workspaceId !== null || (await store.countOwners(tx, organizationId)) > 1) return;
  throw new AppError('conflict', 'The organization has no other owner');
}

/** People do not belong to an organization, so the names of the members are read as the platform. */
async function withNames(database: Database, memberships: store.Membership[]): Promise<Member[]> {
  const ids = memberships.map(({ personId }) => personId);
  const persons = new Map((await database.asPlatform((tx) => listPersons(tx, ids))).map((each) => [each.id, each]));
  return memberships.flatMap(({ personId, workspaceId, role, createdAt }) => {
    const person = persons.get(personId);
    if (person === undefined) return [];
    const { email, name, lastSignInAt } = person;
    return [{ personId, email, name, workspaceId, role, createdAt: createdAt.toISOString(), lastSignInAt }];
  });
}
