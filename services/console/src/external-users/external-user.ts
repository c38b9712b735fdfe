import type { ExternalUser } from '@toolplane/api-client';

/** How a user was created. */
export function toOrigin(user: Pick<ExternalUser, 'username' | 'source'>): string {
  // A member who called with a token is also known by their id, even if they have not been removed.
  if (user.source === 'mcp') return 'when it was connected';
  if (isAgent(user)) return 'when this agent was deactivated';
  return isPerson(user) ? 'when this person was removed' : 'created here';
}

/** A deactivated agent and a removed person are listed among the users by their ids. */
export function isAgent({ username }: Pick<ExternalUser, 'username'>): boolean {
  return /^agt_[a-z2-7]{24}$/.test(username);
}

function isPerson({ username }: Pick<ExternalUser, 'username'>): boolean {
  return /^psn_[a-z2-7]{24}$/.test(username);
}

/** Such users can only be activated elsewhere, if at all. */
export function isLetInElsewhere(user: ExternalUser): boolean {
  return !user.isActive && (isAgent(user) || isPerson(user));
}

/** An agent or a member is deleted elsewhere. After that, the remaining entry can be deleted here. */
export function isDeletedElsewhere(user: ExternalUser): boolean {
  return user.isActive && (isAgent(user) || isPerson(user));
}
