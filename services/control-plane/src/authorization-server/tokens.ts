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

/** In seconds. Edges verify tokens without asking, so this is how long one outlives what it was given for. */
export const ACCESS_TOKEN_SECONDS = 600;

/** What a token for a server is. Throws for what is no server, or needs no token. */
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

/** Writes who it is that a token speaks for, and where. */
export async function writeClaims(
  { servers, people }: { servers: ProtectedServers; people: People },
  token: AccessToken | ClientCredentials,
  { payload }: JWTStructured,
): Promise<void> {
  const server = await servers.find(String(token.aud));
  if (server === undefined) throw new errors.InvalidTarget();
  const personId = 'accountId' in token ? token.accountId : undefined;
  const role = personId === undefined ? undefined : await people.findRole(personId, server.workspaceId);
  if (role === undefined) throw new errors.InvalidGrant('the person is no member of the workspace any more');
  const claims: Pick<AccessTokenClaims, 'tp_ws' | 'groups'> = { tp_ws: server.workspaceId, groups: [`role:${role}`] };
  Object.assign(payload, claims);
}
