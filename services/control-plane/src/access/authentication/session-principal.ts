import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { listAccessibleWorkspaces, permissionsAt } from '../../identity/people/places.ts';
import type { Sessions } from '../../identity/sign-in/sessions.ts';
import type { Database } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import { partyOfPerson } from '../../platform/principals/parties.ts';
import type { Principal } from '../../platform/principals/principal.ts';

/** The header that selects one of a person's workspaces; the default is the oldest. */
const WORKSPACE_HEADER = 'x-workspace';

/** A signed-in person in one of their workspaces, with the permissions that their roles there currently have. */
export async function toSessionPrincipal(
  req: IncomingMessage,
  { sessions, database }: { sessions: Sessions; database: Database },
): Promise<Principal> {
  const session = await sessions.admit(req);
  const { person, id: sessionId } = session;
  const asked = req.headers[WORKSPACE_HEADER]?.toString();
  const [place] = await database.asPlatform((tx) => listAccessibleWorkspaces(tx, person.id, asked));
  if (place === undefined && asked === undefined)
    throw new AppError('forbidden', 'You are not a member of any workspace');
  const { organizationId, workspaceId, ...found } = orNotFound(place, 'workspace');
  return {
    organizationId,
    workspaceId,
    permissions: permissionsAt({ organizationId, workspaceId, ...found }),
    actor: { kind: 'person', personId: person.id, sessionId },
    parties: [partyOfPerson(person.id)],
    mayAssertUser: true,
  };
}
