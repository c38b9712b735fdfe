import type { Snapshot } from '@toolplane/bus';
import type { UserRules } from '@toolplane/contracts';
import { digestOfUser } from '@toolplane/sealing';
import { memoize } from '../memoize.ts';
import { whenKnown } from '../when-known.ts';
import type { IdentifiedPrincipal } from './principal.ts';

/** `unknown` means that the workspace has no such user and accepts only users that it knows. */
export type UserStanding = 'admitted' | 'deactivated' | 'unknown';

type Users = Pick<Snapshot, 'getUserRules' | 'getExternalUser'>;

/**
 * Returns the standing of an external user. Synchronous if the published state is in memory; throws
 * `config_unavailable`.
 */
export function standingOf(users: Users, workspaceId: string, username: string): UserStanding | Promise<UserStanding> {
  return whenKnown(users.getUserRules(workspaceId), (rules) => findStanding(users, rules, username));
}

/**
 * Returns the user whose standing counts for a principal. An agent with its own token is not a user, but it can be
 * deactivated like one.
 */
export function subjectOf(principal: IdentifiedPrincipal): string | undefined {
  return principal.username ?? (principal.kind === 'token' ? principal.subject : undefined);
}

/**
 * Returns whether the platform's own authorization server issued the token to a member of the workspace, who need not
 * be known as a user.
 */
export function isMember(principal: IdentifiedPrincipal): boolean {
  return principal.kind === 'token' && principal.ownToken === undefined;
}

function findStanding(users: Users, rules: UserRules, username: string): UserStanding | Promise<UserStanding> {
  const { workspaceId, unknownUsers, deactivated } = rules;
  // Most workspaces have no deactivated users.
  if (unknownUsers === 'create' && deactivated.length === 0) return 'admitted';
  const digest = digestOfUser(workspaceId, username);
  if (unknownUsers === 'create') return deactivatedOf(rules).has(digest) ? 'deactivated' : 'admitted';
  return whenKnown(users.getExternalUser(workspaceId, digest), (record) => {
    if (record === undefined) return 'unknown';
    return record.state === 'active' ? 'admitted' : 'deactivated';
  });
}

/** Created once for each publication. */
const deactivatedOf = memoize(({ deactivated }: UserRules) => new Set(deactivated));
