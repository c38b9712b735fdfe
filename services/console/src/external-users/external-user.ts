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

/** Where a user was named first. */
export function toOrigin({ source }: ExternalUser): string {
  return source === 'api' ? 'made here' : 'by a call';
}
