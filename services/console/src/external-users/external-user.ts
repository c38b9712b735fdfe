/** `ExternalUser` of the API: somebody in whose name calls are made. */
export type ExternalUser = {
  id: string;
  /** As `x-username` says it; upper and lower case count. */
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
};

/** By what a user came to be. */
export function toOrigin({ source }: ExternalUser): string {
  return source === 'api' ? 'created here' : 'named by a call';
}

/** An agent that was deactivated, and a person who was removed, stand among the users by their ids. */
export function isAgent({ username }: ExternalUser): boolean {
  return /^agt_[a-z2-7]{24}$/.test(username);
}

/** Is let in elsewhere, if at all. */
export function isLetInElsewhere(user: ExternalUser): boolean {
  return !user.isActive && (isAgent(user) || /^psn_[a-z2-7]{24}$/.test(user.username));
}
