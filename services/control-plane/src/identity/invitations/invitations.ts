import type { MembershipScope } from '@toolplane/contracts';
import { AppError, type Permission, permissionsOfRoles, type Role, roles, toAppError } from '@toolplane/contracts';
import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import type { Audit } from '../../platform/audit/audit.ts';
import { type Database, refusingDuplicates, type Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Actor, Principal } from '../../platform/principals/principal.ts';
import {
  findMembership,
  findRolesAt,
  insertMembership,
  lockOrganization,
  placeOf,
  setRole,
} from '../members/members.ts';
import { refuseBeyondReach } from '../members/reach.ts';
import { hashPassword } from '../people/passwords.ts';
import { findPerson, insertPerson, type Person } from '../people/people.ts';
import type { OpenedSession, Session, SessionOrigin, Sessions } from '../sign-in/sessions.ts';
import { hashOfToken, newToken } from '../sign-in/tokens.ts';
import * as store from './store.ts';

export type { OpenInvitation } from './store.ts';

export type InvitationRequest = { scope: MembershipScope; role: Role; email?: string | undefined };

/** The link is returned only when the invitation is created. */
export type ShownInvitation = store.Invitation & { link: string };

export type NewcomerRequest = { token: string; name: string; email: string; password: string };

/** Manages links with which people become members. The platform sends nothing: the inviter passes on the link. */
export type Invitations = {
  create(principal: Principal, request: InvitationRequest): Promise<ShownInvitation>;
  list(principal: Principal, request: PageRequest): Promise<ListPage<store.Invitation>>;
  get(principal: Principal, id: string): Promise<store.Invitation>;
  withdraw(principal: Principal, id: string): Promise<void>;
  view(token: string): Promise<store.OpenInvitation>;
  /** Accepts an invitation for a new person, and signs them in. */
  acceptAsNewcomer(request: NewcomerRequest, origin: SessionOrigin): Promise<OpenedSession>;
  accept(token: string, session: Session, origin: SessionOrigin): Promise<void>;
};

/** Called after somebody has become a member. They may have been a member before. */
export type Joining = (joined: {
  personId: string;
  organizationId: string;
  workspaceId: string | null;
}) => Promise<void>;

const VALID_MS = 7 * 24 * 60 * 60_000;

export function createInvitations(options: {
  database: Database;
  sessions: Pick<Sessions, 'open'>;
  audit: Pick<Audit, 'record'>;
  publicUrl: string;
  /** Throws if the person may not sign in with a password. */
  refusePassword(tx: Transaction, person: Person): Promise<void>;
  /** Throws if the person could no longer sign in once they are a member of this organization. */
  refuseLockingOut(tx: Transaction, person: Person, organizationId: string): Promise<void>;
  /** Returns the current permissions of an API key. Undefined if the key is no longer valid. */
  findKeyPermissions(tx: Transaction, keyId: string): Promise<readonly Permission[] | undefined>;
  onJoin: Joining;
}): Invitations {
  const { database, sessions, audit, publicUrl, refusePassword, refuseLockingOut, findKeyPermissions, onJoin } =
    options;

  /**
   * An invitation grants at most what its inviter could grant now: less if their role was lowered, and nothing if their
   * key or account is no longer valid.
   */
  async function findGood(tx: Transaction, token: string): Promise<store.OpenInvitation | undefined> {
    const invitation = await store.findOpen(tx, hashOfToken(token));
    if (invitation === undefined) return undefined;
    const { workspaceId, role } = invitation;
    const permissions = await permissionsOfInviter(tx, invitation);
    try {
      refuseBeyondReach({ permissions }, workspaceId === null ? 'organization' : 'workspace', role);
      return invitation;
    } catch (error) {
      if (toAppError(error).code === 'forbidden') return undefined;
      throw error;
    }
  }

  async function permissionsOfInviter(tx: Transaction, invitation: store.Invitation) {
    const { invitedBy } = invitation;
    if (!invitedBy.startsWith('psn_')) return (await findKeyPermissions(tx, invitedBy)) ?? [];
    if ((await findPerson(tx, { id: invitedBy })) === undefined) return [];
    return permissionsOfRoles(await findRolesAt(tx, invitedBy, invitation));
  }

  const view = (token: string) =>
    database.asPlatform(async (tx) => orNotFound(await findGood(tx, token), 'invitation'));

  async function use(tx: Transaction, token: string, becomes: (invitation: store.Invitation) => Promise<Person>) {
    const found = orNotFound(await store.findOpen(tx, hashOfToken(token)), 'invitation');
    // Blocks concurrent changes of roles, including those of the inviter and of the person who joins.
    await lockOrganization(tx, found.organizationId);
    const invitation = orNotFound(await findGood(tx, token), 'invitation');
    const person = await becomes(invitation);
    if (invitation.email !== null && invitation.email !== person.email) {
      throw new AppError('forbidden', 'The invitation is for another e-mail address');
    }
    orNotFound((await store.useInvitation(tx, invitation.id)) || undefined, 'invitation');
    await join(tx, person.id, invitation);
    return { person, invitation };
  }

  async function noteAccepted(
    personId: string,
    { id, role, ...invitation }: store.Invitation,
    { address }: SessionOrigin,
  ) {
    const { organizationId, workspaceId, invitedBy } = invitation;
    await audit.record(organizationId, {
      kind: 'event',
      action: 'invitation.accept',
      outcome: 'done',
      actor: { kind: 'person', id: personId },
      ...(workspaceId === null ? {} : { workspaceId }),
      ...(address === '' ? {} : { address }),
      target: { id },
      details: { role, invitedBy },
    });
  }

  return {
    async create(principal, { scope, role, email = null }) {
      refuseBeyondReach(principal, scope, role);
      const token = newToken();
      const invitation = await database.within(principal, (tx) =>
        store.insertInvitation(tx, {
          id: newId('inv'),
          tokenHash: hashOfToken(token),
          ...placeOf(principal, scope),
          role,
          email,
          invitedBy: nameOf(principal.actor),
          expiresAt: new Date(Date.now() + VALID_MS),
        }),
      );
      return { ...invitation, link: `${publicUrl}/invitations/${token}` };
    },

    list: (principal, page) =>
      database.within(principal, (tx) => store.listOpen(tx, { workspaceId: visibleTo(principal), ...page })),

    get: (principal, id) => database.within(principal, (tx) => findVisible(tx, principal, id)),

    async withdraw(principal, id) {
      await database.within(principal, async (tx) => {
        const { workspaceId, role } = await findVisible(tx, principal, id);
        refuseBeyondReach(principal, workspaceId === null ? 'organization' : 'workspace', role);
        await store.deleteInvitations(tx, { id });
      });
    },

    view,

    async acceptAsNewcomer({ token, name, email, password }, origin) {
      // Checked before the password is hashed, because hashing costs more than this check.
      await view(token);
      const passwordHash = await hashPassword(password);
      const { opened, person, invitation } = await database
        .asPlatform(async (tx) => {
          const used = await use(tx, token, () => insertPerson(tx, { id: newId('psn'), email, name, passwordHash }));
          await refusePassword(tx, used.person);
          return { ...used, opened: await sessions.open(tx, { person: used.person, origin, isHalf: false }) };
        })
        .catch(refuseKnown);
      await noteAccepted(person.id, invitation, origin);
      return opened;
    },

    async accept(token, { person }, origin) {
      const { invitation } = await database.asPlatform((tx) =>
        use(tx, token, async (invited) => {
          await refuseLockingOut(tx, person, invited.organizationId);
          return person;
        }),
      );
      const { organizationId, workspaceId } = invitation;
      await onJoin({ personId: person.id, organizationId, workspaceId });
      await noteAccepted(person.id, invitation, origin);
    },
  };
}

async function findVisible(tx: Transaction, principal: Principal, id: string): Promise<store.Invitation> {
  const invitation = await store.findInvitation(tx, id);
  const only = visibleTo(principal);
  return orNotFound(only === undefined || invitation?.workspaceId === only ? invitation : undefined, 'invitation');
}

/** Deletes the unused invitations of a person who is no longer a member. */
export async function withdrawInvitations(
  tx: Transaction,
  { personId, organizationId }: { personId: string; organizationId: string },
): Promise<void> {
  await store.deleteInvitations(tx, { invitedBy: personId, organizationId, usedAt: null });
}

/** If a person has two roles in the same organization or workspace, the higher one stays. */
async function join(tx: Transaction, personId: string, invitation: store.Invitation): Promise<void> {
  const { organizationId, workspaceId, role } = invitation;
  const found = await findMembership(tx, personId, { organizationId, workspaceId });
  if (found === undefined) return insertMembership(tx, { personId, organizationId, workspaceId, role });
  if (roles.indexOf(role) > roles.indexOf(found.role)) await setRole(tx, found, role);
}

/** The only workspace that the principal may see. Undefined if they have access beyond their workspace. */
function visibleTo({ permissions, workspaceId }: Principal): string | undefined {
  return permissions.includes('workspaces:write') ? undefined : workspaceId;
}

function nameOf(actor: Actor): string {
  return actor.kind === 'key' ? actor.keyId : actor.personId;
}

/** The holder of a link may learn that the account exists: the alternative would be to take over somebody's account. */
const refuseKnown = refusingDuplicates('An account with this e-mail address already exists; sign in first');
