import type { Role } from '@toolplane/contracts';

/** The scope of a membership: the whole organization, or one of its workspaces. */
export type Scope = 'organization' | 'workspace';

/** `Member` of the API: one role of one person. */
export type Member = {
  personId: string;
  email: string;
  name: string;
  /** `null` for the whole organization. */
  workspaceId: string | null;
  role: Role;
  createdAt: string;
  lastSignInAt: string | null;
};

export function scopeOf({ workspaceId }: { workspaceId: string | null }): Scope {
  return workspaceId === null ? 'organization' : 'workspace';
}
