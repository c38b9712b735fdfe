import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@toolplane/contracts';
import type { Edge } from '../edge.ts';
import { whenKnown } from '../when-known.ts';
import type { IdentifiedPrincipal, Principal } from './principal.ts';
import { readUsername } from './read-username.ts';
import { isMember, standingOf, subjectOf, type UserStanding } from './user-standing.ts';

/**
 * Returns the principal, acting for the user of `x-username` or of its token, and reports that user to the control
 * plane. Synchronous if the user's state is in memory. Throws `forbidden` for a deactivated user, and `not_found` for
 * one that the workspace neither knows nor accepts.
 */
export function nameUser(
  { snapshot, seenUsers }: Pick<Edge, 'snapshot' | 'seenUsers'>,
  principal: Principal,
  headers: IncomingHttpHeaders,
): Principal | Promise<Principal> {
  const username = readUsername(headers, principal);
  if (principal.kind === 'anonymous') return principal;
  const { workspaceId } = principal;
  const subject = username ?? subjectOf(principal);
  if (subject === undefined) return principal;
  return whenKnown(standingOf(snapshot, workspaceId, subject), (standing) => {
    refuse(standing, principal);
    if (username === undefined) return principal;
    seenUsers.note({ workspaceId, username });
    return { ...principal, username };
  });
}

function refuse(standing: UserStanding, principal: IdentifiedPrincipal): void {
  const whose = principal.kind === 'token' ? 'of the token' : 'in x-username';
  if (standing === 'deactivated') throw new AppError('forbidden', `The user ${whose} is deactivated`);
  if (standing === 'unknown' && !isMember(principal)) {
    throw new AppError('not_found', `The workspace does not know the user ${whose}`);
  }
}
