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
 * What the data plane learns about the caller. For tools that use a connection this includes who it is, because that
 * determines whose credentials are used; for other tools the headers about that are not even read.
 */
export function readCaller(
  { headers, principal, server }: Calling,
  { usesConnection, ...target }: Called,
  { unnamed = 'refuse' }: { unnamed?: 'refuse' | 'ignore' } = {},
): ToolCall['caller'] {
  const config = readRequestConfig(headers);
  const token = readOwnToken(principal, server.manifest, target);
  const session = target.usesSession === true ? whoseSession(principal, server.manifest) : {};
  if (!usesConnection) return { config, ...token, ...session };
  const upstreamAuthorization = readUpstreamAuthorization(headers, server.manifest, target, { unnamed });
  return {
    config,
    ...token,
    ...session,
    ...whoseCredentials(principal, server.manifest),
    ...(upstreamAuthorization === undefined ? {} : { upstreamAuthorization }),
  };
}

/**
 * The token goes on to an API only if the owner of the server has a plan of it say so, and if the owner's issuer issued
 * it; never a token of the platform, and never to a tool that another server declares.
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

/** Of a caller, what a call stays bound to besides its principal: the rest may be another when it is made again. */
export function toLastingCaller({ token: _, sessionOwner: __, ...caller }: ToolCall['caller']) {
  return caller;
}

/**
 * Callers without a key may be anybody, so none of them continues the session of another. A caller is known only at the
 * server that has authenticated it: the issuer of another may give a token any subject.
 */
function whoseSession(
  principal: Principal,
  { serverId }: Pick<Manifest, 'serverId'>,
): Pick<ToolCall['caller'], 'sessionOwner'> {
  if (principal.kind === 'anonymous') return {};
  return { sessionOwner: hash('sha256', JSON.stringify([serverId, principalIdOf(principal)]), 'base64url') };
}

function whoseCredentials(
  principal: Principal,
  { sharesConnections }: Calling['server']['manifest'],
): Pick<ToolCall['caller'], 'username' | 'onlyOwn' | 'agentId'> {
  if (principal.kind === 'anonymous') return {};
  const { username } = principal;
  const agent = toAgent(principal);
  if (username === undefined) return agent;
  return { username, ...(sharesConnections ? {} : { onlyOwn: true }), ...agent };
}

/** A key without an agent is an agent itself. */
function toAgent(principal: IdentifiedPrincipal): { agentId?: string } {
  const agentId = principal.agentId ?? (principal.kind === 'api-key' ? principal.keyId : undefined);
  return agentId === undefined ? {} : { agentId };
}
