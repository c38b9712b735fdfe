import type { Role } from '@toolplane/contracts';

/** Of what somebody is a member: all of the organization, or one workspace of it. */
export type Scope = 'organization' | 'workspace';

/** `Member` of the API: one role of one person. */
export type Member = {
  personId: string;
  email: string;
  name: string;
  /** `null`: of all of the organization. */
  workspaceId: string | null;
  role: Role;
  createdAt: string;
  lastSignInAt: string | null;
};

export function scopeOf({ workspaceId }: { workspaceId: string | null }): Scope {
  return workspaceId === null ? 'organization' : 'workspace';
}
