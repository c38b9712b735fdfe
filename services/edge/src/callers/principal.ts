import type { Permission } from '@toolplane/contracts';

/** Who is calling. Made from the published key record or, for public servers, from nothing but the server itself. */
export type Principal =
  | { kind: 'api-key'; keyId: string; workspaceId: string; permissions: readonly Permission[] }
  /** The address that the request came from: that is all there is to count. */
  | { kind: 'anonymous'; address?: string };

/** Whom open streams are counted for: callers without a key are counted together, server by server. */
export function streamHolderOf(principal: Principal, serverId: string): string {
  return principal.kind === 'api-key' ? principal.keyId : `anonymous ${serverId}`;
}

/** What sessions, tasks and idempotency keys are bound to. */
export function principalIdOf(principal: Principal): string {
  return principal.kind === 'api-key' ? principal.keyId : 'anonymous';
}
