import { AppError, type SignedOn } from '@toolplane/contracts';
import { isDuplicate, type Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { insertMembership } from '../members/members.ts';
import { emailSchema } from '../people/email.ts';
import { findPerson, insertPerson, type Person } from '../people/people.ts';
import * as store from './store.ts';

/**
 * Finds or creates the person for whom an issuer vouches: the person it has named before, otherwise the owner of the
 * verified address. An organization declares its own domains, so its issuer may vouch only for new people and for
 * members of that organization alone. It may never vouch for a member of another organization, nor for an account that
 * somebody else may have created with the address.
 */
export async function findPersonOf(
  tx: Transaction,
  connection: store.SsoConnection,
  { subject, ...said }: SignedOn,
): Promise<{ person: Person; isNewHere: boolean }> {
  const identity = { connectionId: connection.id, subject };
  const known = await store.findIdentity(tx, identity);
  const person = known === undefined ? await findByEmail(tx, connection, said) : await findKnown(tx, known);
  if (!connection.domains.includes(store.domainOf(person.email))) {
    throw new AppError('forbidden', 'The address does not belong to a domain of this connection');
  }
  const organizations = await store.listOrganizationsOf(tx, person.id);
  if (organizations.some(({ organizationId }) => organizationId !== connection.organizationId)) {
    throw new AppError('forbidden', 'A member of several organizations must sign in with a password');
  }
  if (known === undefined) await store.insertIdentity(tx, { ...identity, personId: person.id });
  const isNewHere = organizations.length === 0;
  const { organizationId, defaultRole: role } = connection;
  if (isNewHere) await insertMembership(tx, { personId: person.id, organizationId, workspaceId: null, role });
  return { person, isNewHere };
}

/** Another account may have the address, or the person may have another identity at the issuer. */
export function refuseKnown(error: unknown): never {
  throw isDuplicate(error) ? new AppError('forbidden', 'The address belongs to another account') : error;
}

async function findKnown(tx: Transaction, id: string): Promise<Person> {
  const person = await findPerson(tx, { id });
  if (person === undefined) throw new AppError('forbidden', 'The account is deactivated');
  return person;
}

async function findByEmail(
  tx: Transaction,
  { organizationId, domains }: store.SsoConnection,
  said: Pick<SignedOn, 'email' | 'isEmailVerified' | 'name'>,
): Promise<Person> {
  const email = emailSchema.safeParse(said.email).data;
  if (email === undefined || !said.isEmailVerified) {
    throw new AppError('forbidden', 'The issuer did not name a verified e-mail address');
  }
  if (!domains.includes(store.domainOf(email))) {
    throw new AppError('forbidden', 'The address does not belong to a domain of this connection');
  }
  const found = await findPerson(tx, { email });
  if (found === undefined) {
    const name = said.name?.trim() || email.slice(0, email.lastIndexOf('@'));
    return insertPerson(tx, { id: newId('psn'), email, name, passwordHash: null });
  }
  const organizations = await store.listOrganizationsOf(tx, found.id);
  if (organizations.some((each) => each.organizationId === organizationId)) return found;
  throw new AppError('forbidden', 'The address belongs to another account');
}
