import type { MembershipScope } from '@toolplane/contracts';
export function scopeOf({ workspaceId }: { workspaceId: string | null }): MembershipScope {
  return workspaceId === null ? 'organization' : 'workspace';
}
