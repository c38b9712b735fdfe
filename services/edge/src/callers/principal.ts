import type { ByteAccount } from '@toolplane/bus';
import type { Permission, ToolScope } from '@toolplane/contracts';
import type { SecretValue } from '@toolplane/service-kit';

/**
 * The caller. Built from the published key record, from a verified token or, for public servers, from the server
 * itself.
 */
export type Principal = IdentifiedPrincipal | AnonymousPrincipal;

export type IdentifiedPrincipal = KeyPrincipal | TokenPrincipal;

type Identified = {
  /** Absent for a token at a server that was published by a control plane of an earlier release. */
  organizationId?: string;
  workspaceId: string;
  /** The external user on whose behalf the caller acts. */
  username?: string;
  /** Absent if no agent is known. */
  agentId?: string;
};

export type KeyPrincipal = Identified & {
  kind: 'api-key';
  keyId: string;
  permissions: readonly Permission[];
  /** The client address of the request. */
  address?: string;
  /** Present if the key may not name a user. */
  mayAssertUser?: false;
  /** The ids of the servers that the key is valid for. Absent if it is valid for all servers of its workspace. */
  servers?: readonly string[];
  /** The patterns of the tools that the key is valid for. Absent if it is valid for all tools. */
  tools?: readonly string[];
};

/** An OAuth access token whose audience is the server. Its subject is the user or, if it has no user, the agent. */
export type TokenPrincipal = Identified & {
  kind: 'token';
  issuer: string;
  subject: string;
  /** The OAuth client that the token was issued to, if the token names it. */
  clientId?: string;
  scopes: readonly ToolScope[];
  groups: readonly string[];
  /** The claims that policies may examine: texts and lists of texts. */
  claims: Readonly<Record<string, string | readonly string[]>>;
  /** The expiry time in Unix milliseconds. */
  expiresAt: number;
  /** The token itself, for `$current_user.token`. Present if the server's own issuer issued it. */
  ownToken?: SecretValue;
};

export type AnonymousPrincipal = {
  kind: 'anonymous';
  /** The client address of the request, the only thing that can identify the caller for counting. */
  address?: string;
};

/**
 * Returns the holder for which open streams are counted. Callers without a key are counted together, server by server.
 */
export function streamHolderOf(principal: Principal, serverId: string): string {
  return principal.kind === 'anonymous' ? `anonymous ${serverId}` : holderOf(principal);
}

/**
 * Returns the holder for which something is counted, whatever users a key names. Two workspaces may accept tokens of
 * one issuer, and neither uses up the other's limits.
 */
export function holderOf(principal: IdentifiedPrincipal): string {
  return principal.kind === 'token' ? `${principal.workspaceId} ${credentialOf(principal)}` : credentialOf(principal);
}

/**
 * Returns the organization. If a manifest of an earlier release does not name one, its workspace counts as an
 * organization.
 */
export function organizationOf({
  organizationId,
  workspaceId,
}: {
  organizationId?: string | undefined;
  workspaceId: string;
}): string {
  return organizationId ?? workspaceId;
}

/**
 * Returns the Redis budget to charge for the data of a server's callers. If `isRefusable`, data beyond the
 * organization's budget is refused.
 */
export function accountOf(
  { manifest }: { manifest: { organizationId?: string | undefined; workspaceId: string } },
  isRefusable = true,
): ByteAccount {
  return { organizationId: organizationOf(manifest), isRefusable };
}

/**
 * Returns the id that sessions, tasks, request states and idempotency keys are bound to: the credential, and the user
 * on whose behalf it acts.
 */
export function principalIdOf(principal: Principal): string {
  if (principal.kind === 'anonymous') return 'anonymous';
  const credential = credentialOf(principal);
  const { username } = principal;
  return username === undefined ? credential : `${credential} ${username}`;
}

/**
 * Returns the credential that proved the identity, whatever user it names. Key ids contain no space. A token changes
 * from hour to hour, while its subject stays.
 */
export function credentialOf(principal: IdentifiedPrincipal): string {
  if (principal.kind === 'api-key') return principal.keyId;
  const { issuer, subject, clientId = '' } = principal;
  return `token ${JSON.stringify([issuer, subject, clientId])}`;
}
