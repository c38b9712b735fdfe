import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@toolplane/contracts';
import type { Edge } from '../edge.ts';
import type { Principal } from './principal.ts';
import { readUsername } from './read-username.ts';
import { standingOf, type UserStanding } from './user-standing.ts';

/**
 * The caller in the name of the user of `x-username`, of whom the control plane is told. Throws `forbidden` for a
 * deactivated one, `not_found` for one that the workspace does not know and does not take.
 */
export async function nameUser(
  { snapshot, seenUsers }: Pick<Edge, 'snapshot' | 'seenUsers'>,
  caller: Principal,
  headers: IncomingHttpHeaders,
): Promise<Principal> {
  const username = readUsername(headers, caller);
  if (username === undefined || caller.kind === 'anonymous') return caller;
  const { workspaceId } = caller;
  const standing = standingOf(snapshot, workspaceId, username);
  refuse(standing instanceof Promise ? await standing : standing);
  seenUsers.note({ workspaceId, username });
  return { ...caller, username };
}

function refuse(standing: UserStanding): void {
  if (standing === 'deactivated') throw new AppError('forbidden', 'The user in x-username is deactivated');
  if (standing === 'unknown') throw new AppError('not_found', 'The workspace has no user of the name in x-username');
}
