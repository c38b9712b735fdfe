import { digestOfUser } from '@toolplane/sealing';
import type { ExternalUser } from '../../generated/client.ts';

const PREFIX = 'deleted ';

/** Replaces the name of a deleted user. It cannot be taken by another user, because names contain no space. */
export function toDeletedName(workspaceId: string, username: string): string {
  return `${PREFIX}${digestOfUser(workspaceId, username)}`;
}

/** The digest by which edges know a user. */
export function digestOfRow({
  workspaceId,
  username,
  isDeleted,
}: Pick<ExternalUser, 'workspaceId' | 'username' | 'isDeleted'>): string {
  return isDeleted ? username.slice(PREFIX.length) : digestOfUser(workspaceId, username);
}
