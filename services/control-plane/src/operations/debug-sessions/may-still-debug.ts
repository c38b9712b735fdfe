import { type Permission, permissionsOfRoles } from '@toolplane/contracts';
import { findKeyRights } from '../../access/api-keys/api-keys.ts';
import { findPerson } from '../../identity/people/people.ts';
import { findRoles } from '../../identity/people/places.ts';
import type { Transaction } from '../../platform/database/database.ts';
import type { DebugSession } from './store.ts';

const REQUIRED: readonly Permission[] = ['debug:write', 'tools:call'];

/**
 * The token of a session works without the key or session of its opener, so the session must end when its opener could
 * no longer open it.
 */
export async function mayStillDebug(
  tx: Transaction,
  { openedBy, workspaceId, mayAssertUser }: DebugSession,
): Promise<boolean> {
  if (openedBy.kind === 'key') {
    const rights = await findKeyRights(tx, openedBy.keyId);
    if (rights === undefined || rights.addresses !== undefined) return false;
    return hasRequired(rights.permissions) && (rights.mayAssertUser || !mayAssertUser);
  }
  if ((await findPerson(tx, { id: openedBy.personId })) === undefined) return false;
  const roles = await findRoles(tx, openedBy.personId, workspaceId);
  return roles !== undefined && hasRequired(permissionsOfRoles(roles));
}

function hasRequired(permissions: readonly Permission[]): boolean {
  return REQUIRED.every((permission) => permissions.includes(permission));
}
