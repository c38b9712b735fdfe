import { permissionsOfRoles } from '@toolplane/contracts';
import { findPermissionsOf } from '../api-keys/api-keys.ts';
import type { Transaction } from '../database/database.ts';
import { findPerson } from '../people/people.ts';
import { findRoles } from '../people/places.ts';
import type { DebugSession } from './store.ts';

/** A token is good without its maker's key or session, so a session ends when its maker could not open it any more. */
export async function mayStillDebug(tx: Transaction, { openedBy, workspaceId }: DebugSession): Promise<boolean> {
  if (openedBy.kind === 'key') return (await findPermissionsOf(tx, openedBy.keyId)).includes('debug:write');
  if ((await findPerson(tx, { id: openedBy.personId })) === undefined) return false;
  const roles = await findRoles(tx, openedBy.personId, workspaceId);
  return roles !== undefined && permissionsOfRoles(roles).includes('debug:write');
}
