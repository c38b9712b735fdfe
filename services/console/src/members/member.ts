/** The scope of a membership: the whole organization, or one of its workspaces. */
export type Scope = 'organization' | 'workspace';

export function scopeOf({ workspaceId }: { workspaceId: string | null }): Scope {
  return workspaceId === null ? 'organization' : 'workspace';
}
