import { AppError } from '@toolplane/contracts';
import { isDeactivated } from '../../access/external-users/external-users.ts';
import type { Person } from '../../identity/people/people.ts';
import type { Database, Tenant } from '../../platform/database/database.ts';
import { isIdOf } from '../../platform/ids.ts';

/**
 * Checks whether the person who has opened a link may, at this moment, connect the user of this tenant that the link is
 * for. `person` is the person signed in to the platform in that browser.
 *
 * A link for a person of the platform is for that person alone: throws `unauthenticated` if nobody is signed in, and
 * `forbidden` if somebody else is (MCP, elicitation: the person who opens the URL must be the one who was asked). The
 * platform does not know other users, so for them, having the link is enough. Throws `not_found` if the user is
 * deactivated.
 */
export async function checkOpener(
  database: Database,
  tenant: Tenant,
  { username, person }: { username: string; person: Person | undefined },
): Promise<void> {
  if (isIdOf('psn', username) && username !== person?.id) {
    if (person === undefined) throw new AppError('unauthenticated', 'Sign in as the person whom the link is for');
    throw new AppError('forbidden', 'You are signed in with another account than the one that the link is for');
  }
  const isRefused = await database.within(tenant, (tx) => isDeactivated(tx, tenant.workspaceId, username));
  if (isRefused) throw new AppError('not_found', 'A deactivated user cannot connect');
}
