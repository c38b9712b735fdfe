import { randomBytes } from 'node:crypto';
import { AppError, type ConnectLink, connectLinkSchema } from '@toolplane/contracts';
import { connectLinkHash } from '@toolplane/sealing';
import { createOwnCipher, ownKid } from './own-cipher.ts';
import type { GetSealingKeys } from './sealing-keys.ts';

/** The time that a person has to connect. */
const VALID_MS = 15 * 60_000;
const USE = 'toolplane connect links';

/**
 * Links with which a person connects. Whoever has a link may write the credentials that it names, and no others. The
 * control plane makes sure that each link is used only once.
 */
export type ConnectLinkSealer = {
  /** `workspaceId` is the workspace of the caller. */
  seal(
    workspaceId: string,
    link: Pick<ConnectLink, 'ref' | 'authenticationId' | 'replaces'>,
  ): Promise<{ token: string; hash: string; expiresAt: number }>;
  /** Throws `not_found` for a text that is not, or no longer, a link of this workspace. */
  open(workspaceId: string, token: string): Promise<ConnectLink>;
};

export function createConnectLinks({
  getSealingKeys,
  now = Date.now,
}: {
  getSealingKeys: GetSealingKeys;
  now?: () => number;
}): ConnectLinkSealer {
  return {
    async seal(workspaceId, link) {
      const expiresAt = now() + VALID_MS;
      const whole: ConnectLink = { ...link, id: randomBytes(16).toString('base64url'), expiresAt };
      const cipher = createOwnCipher(await getSealingKeys(), USE);
      const token = cipher.seal(bindingOf(workspaceId), JSON.stringify(whole));
      return { token, hash: connectLinkHash(whole.id), expiresAt };
    },
    async open(workspaceId, token) {
      const cipher = createOwnCipher(await getSealingKeys(ownKid(token)), USE);
      const link = unseal(() => cipher.open(bindingOf(workspaceId), token));
      if (link !== undefined && now() < link.expiresAt) return link;
      throw new AppError('not_found', 'This link does not exist or has expired');
    },
  };
}

function unseal(open: () => string): ConnectLink | undefined {
  try {
    return connectLinkSchema.parse(JSON.parse(open()));
  } catch {
    return undefined;
  }
}

function bindingOf(workspaceId: string) {
  return { purpose: 'connect-link', party: '', aad: workspaceId } as const;
}
