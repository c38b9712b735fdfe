import type { Permission } from '@toolplane/contracts';

/** Who is calling. Made from the published key record or, for public servers, from nothing but the server itself. */
export type Principal =
  | {
      kind: 'api-key';
      keyId: string;
      workspaceId: string;
      permissions: readonly Permission[];
      /** It may name no user. */
      mayAssertUser?: false;
      /** The external user in whose name it calls. */
      username?: string;
    }
  /** The address that the request came from: that is all there is to count. */
  | { kind: 'anonymous'; address?: string };

/** Whom open streams are counted for, whatever users a key names: callers without a key are counted together, server by server. */
export function streamHolderOf(principal: Principal, serverId: string): string {
  return principal.kind === 'api-key' ? principal.keyId : `anonymous ${serverId}`;
}

/** What sessions, tasks, request states and idempotency keys are bound to: the key, and the user that it speaks for. */
export function principalIdOf(principal: Principal): string {
  if (principal.kind === 'anonymous') return 'anonymous';
  const { keyId, username } = principal;
  return username === undefined ? keyId : `${keyId} ${username}`;
}
