import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Manifest, ToolCall } from '@toolplane/contracts';
import type { Target } from '../manifests/hosted-server.ts';
import { type IdentifiedPrincipal, type Principal, principalIdOf } from './principal.ts';
import { readRequestConfig } from './request-config.ts';
import { readUpstreamAuthorization } from './upstream-authorization.ts';

type Calling = {
  headers: IncomingHttpHeaders;
  principal: Principal;
  /** The server at whose endpoint the call is made, wherever its tool comes from. */
  server: { manifest: Pick<Manifest, 'serverId' | 'sharesConnections'> & Partial<Pick<Manifest, 'isPublic'>> };
};

type Called = Pick<Target, 'usesConnection'> &
  Partial<Pick<Target, 'usesSession' | 'usesToken' | 'serverId' | 'toolkit'>>;

/**
 * Returns the data about the caller that is sent to the data plane. For tools that use a connection, it includes the
 * caller's identity, which determines whose credentials are used. For other tools, the headers about the identity are
 * not even read.
 */
export function readCaller(
  { headers, principal, server }: Calling,
  { usesConnection, ...target }: Called,
  { unnamed = 'refuse' }: { unnamed?: 'refuse' | 'ignore' } = {},
): ToolCall['caller'] {
  const config = readRequestConfig(headers);
  const token = readOwnToken(principal, server.manifest, target);
  const session = target.usesSession === true ? toSessionOwner(principal, server.manifest) : {};
  if (!usesConnection) return { config, ...token, ...session };
  const upstreamAuthorization = readUpstreamAuthorization(headers, server.manifest, target, { unnamed });
  return {
    config,
    ...token,
    ...session,
    ...toCredentialOwner(principal, server.manifest),
    ...(upstreamAuthorization === undefined ? {} : { upstreamAuthorization }),
  };
}

/**
 * The token is passed on to an API only if one of the server owner's plans requires it and the owner's issuer issued
 * it. A token of the platform is never passed on, and no token is passed to a tool that another server declares.
 */
function readOwnToken(
  principal: Principal,
  { serverId, isPublic }: Calling['server']['manifest'],
  target: Partial<Pick<Target, 'usesToken' | 'serverId'>>,
): Pick<ToolCall['caller'], 'token'> {
  if (target.usesToken !== true || target.serverId !== serverId || isPublic || principal.kind !== 'token') return {};
  const { ownToken } = principal;
  return ownToken === undefined ? {} : { token: ownToken.reveal() };
}

/**
 * Returns the parts of the caller that a call stays bound to besides its principal. The other parts may differ when the
 * call is repeated.
 */
export function toLastingCaller({ token: _, sessionOwner: __, ...caller }: ToolCall['caller']) {
  return caller;
}

/**
 * Returns the owner of sessions with external servers. Callers without a key may be anybody, so none of them continues
 * another's session. A caller is known only at the server that has authenticated it, because the issuer of another
 * server may give a token any subject.
 */
function toSessionOwner(
  principal: Principal,
  { serverId }: Pick<Manifest, 'serverId'>,
): Pick<ToolCall['caller'], 'sessionOwner'> {
  if (principal.kind === 'anonymous') return {};
  return { sessionOwner: hash('sha256', JSON.stringify([serverId, principalIdOf(principal)]), 'base64url') };
}

function toCredentialOwner(
  principal: Principal,
  { sharesConnections }: Calling['server']['manifest'],
): Pick<ToolCall['caller'], 'username' | 'onlyOwn' | 'agentId'> {
  if (principal.kind === 'anonymous') return {};
  const { username } = principal;
  const agent = toAgent(principal);
  if (username === undefined) return agent;
  return { username, ...(sharesConnections ? {} : { onlyOwn: true }), ...agent };
}

/** A key without an agent counts as an agent itself. */
function toAgent(principal: IdentifiedPrincipal): { agentId?: string } {
  const agentId = principal.agentId ?? (principal.kind === 'api-key' ? principal.keyId : undefined);
  return agentId === undefined ? {} : { agentId };
}
