/** `ExternalUser` of the API: somebody in whose name calls are made. */
export type ExternalUser = {
  id: string;
  /** The name in `x-username`; case-sensitive. */
  username: string;
  source: 'api' | 'mcp';
  isActive: boolean;
  createdAt: string;
  lastSeenAt: string | null;
};

/** `UserConnection` of the API. */
export type UserConnection = {
  instanceId: string;
  instanceName: string;
  /** Slug. */
  connector: string;
  /** False while somebody must sign in first. */
  isUsable: boolean;
  createdAt: string;
  updatedAt: string;
  /** When these credentials replaced other ones that worked, and who had that done. */
  replacedAt: string | null;
  replacedBy: string | null;
};

/** How a user was created. */
export function toOrigin(user: ExternalUser): string {
  // A member who called with a token is known by their id as well, without having been removed.
  if (user.source === 'mcp') return 'when it was connected';
  if (isAgent(user)) return 'when this agent was deactivated';
  return isPerson(user) ? 'when this person was removed' : 'created here';
}

/** A deactivated agent and a removed person are listed among the users by their ids. */
export function isAgent({ username }: ExternalUser): boolean {
  return /^agt_[a-z2-7]{24}$/.test(username);
}

function isPerson({ username }: ExternalUser): boolean {
  return /^psn_[a-z2-7]{24}$/.test(username);
}

/** Activation, if possible at all, happens elsewhere. */
export function isLetInElsewhere(user: ExternalUser): boolean {
  return !user.isActive && (isAgent(user) || isPerson(user));
}

/** An agent and a member are deleted elsewhere; what is left of them after that can be deleted here. */
export function isDeletedElsewhere(user: ExternalUser): boolean {
  return user.isActive && (isAgent(user) || isPerson(user));
}
