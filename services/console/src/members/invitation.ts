import type { Role } from '@toolplane/contracts';

/** `Invitation` of the API: one that can still be used. */
export type Invitation = {
  id: string;
  /** `null` for the whole organization. */
  workspaceId: string | null;
  role: Role;
  /** The only address that may accept it. */
  email: string | null;
  /** The person or the key that created it. */
  invitedBy: string;
  createdAt: string;
  expiresAt: string;
};

/** Only this answer contains the link. */
export type ShownInvitation = Invitation & { link: string };
