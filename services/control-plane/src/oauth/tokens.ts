import { type AccessTokenClaims, toolScopes } from '@toolplane/contracts';
import {
  type AccessToken,
  type ClientCredentials,
  errors,
  type JWTStructured,
  type ResourceServer,
} from 'oidc-provider';
import type { People } from './people.ts';
import type { ProtectedServers } from './protected-servers.ts';

/**
 * The lifetime of access tokens in seconds. Edges verify tokens on their own, so a token can outlive its grant by this
 * time.
 */
export const ACCESS_TOKEN_SECONDS = 600;

/** The properties of a token for a server. Throws if the resource is not a server, or needs no token. */
export async function describeToken(
  servers: ProtectedServers,
  resource: string,
  signingKeyId: string,
): Promise<ResourceServer> {
  const server = await servers.find(resource);
  if (server === undefined) throw new errors.InvalidTarget('the resource is not the URL of a private server here');
  return {
    scope: toolScopes.join(' '),
    audience: resource,
    accessTokenFormat: 'jwt',
    accessTokenTTL: ACCESS_TOKEN_SECONDS,
    jwt: { sign: { alg: 'ES256', kid: signingKeyId } },
  };
}

/** Adds the subject and the workspace to a token. */
export async function writeClaims(
  parts: { servers: ProtectedServers; people: People; findAgent: FindAgent },
  token: AccessToken | ClientCredentials,
  { payload }: JWTStructured,
  /** The scopes that the client requested; those that are not scopes of a server are left out of the token. */
  askedScope?: unknown,
): Promise<void> {
  if (askedScope && token.scope === undefined) {
    throw new errors.InvalidScope(`the scopes of a server are ${toolScopes.join(' and ')}`, String(askedScope));
  }
  const server = await parts.servers.find(String(token.aud));
  if (server === undefined) throw new errors.InvalidTarget();
  const { workspaceId } = server;
  Object.assign(payload, { tp_ws: workspaceId }, await claimsOf(parts, token, workspaceId));
}

/** The agent to which the client belongs, if it may use servers of the workspace. */
export type FindAgent = (clientId: string, workspaceId: string) => Promise<string | undefined>;

async function claimsOf(
  { people, findAgent }: Pick<Parameters<typeof writeClaims>[0], 'people' | 'findAgent'>,
  token: AccessToken | ClientCredentials,
  workspaceId: string,
): Promise<Partial<AccessTokenClaims>> {
  if ('accountId' in token && token.accountId !== undefined) {
    const role = await people.findRole(token.accountId, workspaceId);
    if (role === undefined) throw new errors.InvalidGrant('the person is no longer a member of the workspace');
    return { groups: [`role:${role}`] };
  }
  const agentId = await findAgent(token.clientId ?? '', workspaceId);
  if (agentId === undefined) throw new errors.InvalidTarget("the server does not belong to the agent's workspace");
  return { sub: agentId, scope: token.scope ?? toolScopes.join(' ') };
}
