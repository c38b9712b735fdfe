import { digestOfUser } from '@toolplane/sealing';
import type { ExternalUser } from '../generated/client.ts';

const PREFIX = 'deleted ';

/** Takes the place of a deleted user's name. No name has a space. */
export function toDeletedName(workspaceId: string, username: string): string {
  return `${PREFIX}${digestOfUser(workspaceId, username)}`;
}

/** What edges know a user by. */
export function digestOfRow({
  workspaceId,
  username,
  isDeleted,
}: Pick<ExternalUser, 'workspaceId' | 'username' | 'isDeleted'>): string {
  return isDeleted ? username.slice(PREFIX.length) : digestOfUser(workspaceId, username);
}
