import type { Role } from '@toolplane/contracts';

/** `Invitation` of the API, as long as it can be used. */
export type Invitation = {
  id: string;
  /** `null`: to all of the organization. */
  workspaceId: string | null;
  role: Role;
  /** Who alone may accept it. */
  email: string | null;
  /** The person or the key. */
  invitedBy: string;
  createdAt: string;
  expiresAt: string;
};

/** The link is in this answer and nowhere else. */
export type ShownInvitation = Invitation & { link: string };
