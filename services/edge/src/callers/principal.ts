import type { ByteAccount } from '@toolplane/bus';
import type { Permission, ToolScope } from '@toolplane/contracts';
import type { SecretValue } from '@toolplane/service-kit';

/**
 * Who is calling. Built from the published key record, from a verified token or, for public servers, from the server
 * itself.
 */
export type Principal = IdentifiedPrincipal | AnonymousPrincipal;

export type IdentifiedPrincipal = KeyPrincipal | TokenPrincipal;

type Identified = {
  /** Absent for a token at a server that a control plane of an earlier release published. */
  organizationId?: string;
  workspaceId: string;
  /** The external user for whom it calls. */
  username?: string;
  /** Absent: no agent is known. */
  agentId?: string;
};

export type KeyPrincipal = Identified & {
  kind: 'api-key';
  keyId: string;
  permissions: readonly Permission[];
  /** The address that the request came from. */
  address?: string;
  /** It may not name a user. */
  mayAssertUser?: false;
  /** Ids of the servers that it is valid for; absent: all of its workspace. */
  servers?: readonly string[];
  /** Patterns of the tools that it is valid for; absent: all. */
  tools?: readonly string[];
};

/** An OAuth access token whose audience is the server. Its subject is the user or, without one, the agent. */
export type TokenPrincipal = Identified & {
  kind: 'token';
  issuer: string;
  subject: string;
  /** The OAuth client that it was issued to, if it says so. */
  clientId?: string;
  scopes: readonly ToolScope[];
  groups: readonly string[];
  /** The claims that policies may look at: texts and lists of texts. */
  claims: Readonly<Record<string, string | readonly string[]>>;
  /** Unix milliseconds. */
  expiresAt: number;
  /** The token itself, if the server's own issuer issued it: for `$current_user.token`. */
  ownToken?: SecretValue;
};

export type AnonymousPrincipal = {
  kind: 'anonymous';
  /** The address that the request came from: the only thing to count by. */
  address?: string;
};

/** Whom open streams are counted for: callers without a key are counted together, server by server. */
export function streamHolderOf(principal: Principal, serverId: string): string {
  return principal.kind === 'anonymous' ? `anonymous ${serverId}` : holderOf(principal);
}

/**
 * Whom something is counted for, whatever users a key names. Two workspaces may accept tokens of one issuer, and
 * neither uses up what the other has.
 */
export function holderOf(principal: IdentifiedPrincipal): string {
  return principal.kind === 'token' ? `${principal.workspaceId} ${credentialOf(principal)}` : credentialOf(principal);
}

/** A manifest of an earlier release does not name its organization: then its workspace is counted as one. */
export function organizationOf({
  organizationId,
  workspaceId,
}: {
  organizationId?: string | undefined;
  workspaceId: string;
}): string {
  return organizationId ?? workspaceId;
}

/** For what is kept in Redis for a server's callers: beyond the budget of the organization it is refused. */
export function accountOf(
  { manifest }: { manifest: { organizationId?: string | undefined; workspaceId: string } },
  isRefusable = true,
): ByteAccount {
  return { organizationId: organizationOf(manifest), isRefusable };
}

/** What sessions, tasks, request states and idempotency keys are bound to: the key, and the user that it acts for. */
export function principalIdOf(principal: Principal): string {
  if (principal.kind === 'anonymous') return 'anonymous';
  const credential = credentialOf(principal);
  const { username } = principal;
  return username === undefined ? credential : `${credential} ${username}`;
}

/**
 * What proved the identity, whatever user it names. Key ids have no space. A token changes from hour to hour, while its
 * subject stays.
 */
export function credentialOf(principal: IdentifiedPrincipal): string {
  if (principal.kind === 'api-key') return principal.keyId;
  const { issuer, subject, clientId = '' } = principal;
  return `token ${JSON.stringify([issuer, subject, clientId])}`;
}
