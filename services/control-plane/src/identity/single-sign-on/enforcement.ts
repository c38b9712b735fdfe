import { AppError } from '@toolplane/contracts';
import type { Transaction } from '../../platform/database/database.ts';
import { findPerson, type Person } from '../people/people.ts';
import * as store from './store.ts';

/**
 * Refuses passwords of people who must sign in with a connection of their organization. Owners can still use theirs, so
 * that somebody can repair a broken connection. So can people whom no connection accepts, such as members of other
 * organizations.
 */
export async function refusePassword(tx: Transaction, { id, email }: Person): Promise<void> {
  const connection = await store.findConnectionFor(tx, email);
  if (connection?.isEnforced !== true) return;
  const memberships = await store.listOrganizationsOf(tx, id);
  const isOfItAlone = memberships.every(({ organizationId }) => organizationId === connection.organizationId);
  if (memberships.length === 0 || !isOfItAlone || memberships.some(({ isOwner }) => isOwner)) return;
  throw new AppError('forbidden', 'Your organization requires you to sign in with single sign-on');
}

/**
 * Keeps a person without a password from becoming a member of a second organization: no issuer accepts members of
 * several, so the person could never sign in again.
 */
export async function refuseLockingOut(tx: Transaction, { id }: Person, organizationId: string): Promise<void> {
  if ((await findPerson(tx, { id }))?.passwordHash !== null) return;
  const memberships = await store.listOrganizationsOf(tx, id);
  const others = [...memberships.map((each) => each.organizationId), ...(await store.listIssuersOf(tx, id))];
  if (others.every((other) => other === organizationId)) return;
  const why = 'This account has no password, and single sign-on does not work for members of several organizations';
  throw new AppError('conflict', `${why}; accept with another account`);
}
