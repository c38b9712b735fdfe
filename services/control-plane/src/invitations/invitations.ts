import { AppError, type Role, roles } from '@toolplane/contracts';
import type { Page, PageRequest } from '@toolplane/service-kit';
import type { Actor, Principal } from '../access/principal.ts';
import { type Database, isDuplicate, type Transaction } from '../database/database.ts';
import { newId } from '../ids.ts';
import { findMembership, insertMembership, placeOf, setRole } from '../members/members.ts';
import { refuseBeyondReach, type Scope } from '../members/reach.ts';
import { orNotFound } from '../or-not-found.ts';
import { hashPassword } from '../people/passwords.ts';
import { insertPerson, type Person } from '../people/people.ts';
import type { Opened, Origin, Session, Sessions } from '../sign-in/sessions.ts';
import { hashOfToken, newToken } from '../sign-in/tokens.ts';
import * as store from './store.ts';

export type { OpenInvitation } from './store.ts';

export type InvitationRequest = { scope: Scope; role: Role; email?: string | undefined };

/** The link is in this answer and nowhere else. */
export type ShownInvitation = store.Invitation & { link: string };

export type NewcomerRequest = { token: string; name: string; email: string; password: string };

/** Links with which people become members. Nothing is sent: whoever invites hands the link out. */
export type Invitations = {
  create(principal: Principal, request: InvitationRequest): Promise<ShownInvitation>;
  list(principal: Principal, request: PageRequest): Promise<Page<store.Invitation>>;
  withdraw(principal: Principal, id: string): Promise<void>;
  view(token: string): Promise<store.OpenInvitation>;
  /** Makes a person and signs them in. */
  acceptAsNewcomer(request: NewcomerRequest, origin: Origin): Promise<Opened>;
  accept(token: string, session: Session): Promise<void>;
};

/** Called after somebody has become a member who may have been one before. */
export type Joining = (joined: {
  personId: string;
  organizationId: string;
  workspaceId: string | null;
}) => Promise<void>;

const VALID_MS = 7 * 24 * 60 * 60_000;

export function createInvitations(options: {
  database: Database;
  sessions: Pick<Sessions, 'open'>;
  publicUrl: string;
  onJoin: Joining;
}): Invitations {
  const { database, sessions, publicUrl, onJoin } = options;

  const view = (token: string) =>
    database.asPlatform(async (tx) => orNotFound(await store.findOpen(tx, hashOfToken(token)), 'invitation'));

  async function use(tx: Transaction, token: string, becomes: (invitation: store.Invitation) => Promise<Person>) {
    const invitation = orNotFound(await store.findOpen(tx, hashOfToken(token)), 'invitation');
    const person = await becomes(invitation);
    if (invitation.email !== null && invitation.email !== person.email) {
      throw new AppError('forbidden', 'The invitation is for another e-mail address');
    }
    orNotFound((await store.useInvitation(tx, invitation.id)) || undefined, 'invitation');
    await join(tx, person.id, invitation);
    const { organizationId, workspaceId } = invitation;
    return { person, joined: { personId: person.id, organizationId, workspaceId } };
  }

  return {
    async create(principal, { scope, role, email = null }) {
      refuseBeyondReach(principal, scope, role);
      const token = newToken();
      const invitation = await database.within(principal, (tx) =>
        store.insertInvitation(tx, {
          ...{ id: newId('inv'), tokenHash: hashOfToken(token), ...placeOf(principal, scope), role, email },
          ...{ invitedBy: nameOf(principal.actor), expiresAt: new Date(Date.now() + VALID_MS) },
        }),
      );
      return { ...invitation, link: `${publicUrl}/invitations/${token}` };
    },

    list: (principal, page) =>
      database.within(principal, (tx) => store.listOpen(tx, { workspaceId: visibleTo(principal), ...page })),

    async withdraw(principal, id) {
      await database.within(principal, async (tx) => {
        const { workspaceId, role } = orNotFound(await store.findInvitation(tx, id));
        const only = visibleTo(principal);
        if (only !== undefined && workspaceId !== only) throw new AppError('not_found', 'Not found');
        refuseBeyondReach(principal, workspaceId === null ? 'organization' : 'workspace', role);
        await store.deleteInvitations(tx, { id });
      });
    },

    view,

    async acceptAsNewcomer({ token, name, email, password }, origin) {
      // Before the password is hashed, which costs more than looking.
      await view(token);
      const passwordHash = await hashPassword(password);
      return database
        .asPlatform(async (tx) => {
          const { person } = await use(tx, token, () =>
            insertPerson(tx, { id: newId('psn'), email, name, passwordHash }),
          );
          return sessions.open(tx, { person, origin, isHalf: false });
        })
        .catch(refuseKnown);
    },

    async accept(token, { person }) {
      const { joined } = await database.asPlatform((tx) => use(tx, token, async () => person));
      await onJoin(joined);
    },
  };
}

/** Those that are not used yet: whoever is no member any more invites nobody. */
export async function withdrawInvitations(
  tx: Transaction,
  { personId, organizationId }: { personId: string; organizationId: string },
): Promise<void> {
  await store.deleteInvitations(tx, { invitedBy: personId, organizationId, usedAt: null });
}

/** Of a person's two roles in one place the greater stays. */
async function join(tx: Transaction, personId: string, invitation: store.Invitation): Promise<void> {
  const { organizationId, workspaceId, role } = invitation;
  const found = await findMembership(tx, personId, { organizationId, workspaceId });
  if (found === undefined) return insertMembership(tx, { personId, organizationId, workspaceId, role });
  if (roles.indexOf(role) > roles.indexOf(found.role)) await setRole(tx, found, role);
}

/** Those who cannot reach beyond their workspace see nothing beyond it. */
function visibleTo({ permissions, workspaceId }: Principal): string | undefined {
  return permissions.includes('workspaces:write') ? undefined : workspaceId;
}

function nameOf(actor: Actor): string {
  return actor.kind === 'key' ? actor.keyId : actor.personId;
}

/** Whoever holds a link may learn that: the alternative would be to take somebody's account over. */
function refuseKnown(error: unknown): never {
  throw isDuplicate(error) ? new AppError('conflict', 'Somebody has this e-mail address; sign in first') : error;
}
