import { permissionsOfRoles } from '@toolplane/contracts';
import { findPermissionsOf } from '../api-keys/api-keys.ts';
import type { Transaction } from '../database/database.ts';
import { findPerson } from '../people/people.ts';
import { findRoles } from '../people/places.ts';
import type { DebugSession } from './store.ts';

/**
 * A token works without the key or session of its creator, so a session must end when its creator could no longer open
 * it.
 */
export async function mayStillDebug(tx: Transaction, { openedBy, workspaceId }: DebugSession): Promise<boolean> {
  if (openedBy.kind === 'key') return (await findPermissionsOf(tx, openedBy.keyId)).includes('debug:write');
  if ((await findPerson(tx, { id: openedBy.personId })) === undefined) return false;
  const roles = await findRoles(tx, openedBy.personId, workspaceId);
  return roles !== undefined && permissionsOfRoles(roles).includes('debug:write');
}
