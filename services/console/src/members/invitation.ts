import type { Role } from '@toolplane/contracts';

/** `Invitation` of the API, as long as it can be used. */
export type Invitation = {
  id: string;
  /** `null`: to the whole organization. */
  workspaceId: string | null;
  role: Role;
  /** The only address that may accept it. */
  email: string | null;
  /** The person or the key. */
  invitedBy: string;
  createdAt: string;
  expiresAt: string;
};

/** The link is in this answer and nowhere else. */
export type ShownInvitation = Invitation & { link: string };
