/** `ExternalUser` of the API: somebody on whose behalf calls are made. */
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
  /** The slug of the connector. */
  connector: string;
  /** False if somebody must sign in first. */
  isUsable: boolean;
  createdAt: string;
  updatedAt: string;
  /** When these credentials replaced others that worked, and who requested that. */
  replacedAt: string | null;
  replacedBy: string | null;
};

/** How a user was created. */
export function toOrigin(user: ExternalUser): string {
  // A member who called with a token is also known by their id, even if they have not been removed.
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

/** Such users can only be activated elsewhere, if at all. */
export function isLetInElsewhere(user: ExternalUser): boolean {
  return !user.isActive && (isAgent(user) || isPerson(user));
}

/** An agent or a member is deleted elsewhere. After that, the remaining entry can be deleted here. */
export function isDeletedElsewhere(user: ExternalUser): boolean {
  return user.isActive && (isAgent(user) || isPerson(user));
}
