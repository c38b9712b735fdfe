import { AppError, type Manifest } from '@toolplane/contracts';
import type { Edge } from '../../edge.ts';
import { scopeName } from '../scopes.ts';
import { findIssuer, issuerUrlOf } from './find-issuer.ts';

/** Returns the name of a server in the audience of tokens (RFC 8707), whichever of its URLs is used. */
export function canonicalUrlOf(publicUrl: string, serverId: string): string {
  return `${publicUrl}/mcp/${serverId}`;
}

export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** Returns the URL at which clients find out who issues tokens for a server (RFC 9728, 3.1). */
export function metadataUrlOf(publicUrl: string, serverId: string): string {
  const { origin, pathname } = new URL(canonicalUrlOf(publicUrl, serverId));
  return `${origin}${METADATA_PATH}${pathname}`;
}

/**
 * Returns what anybody may know about a private server, because clients have to know where to sign in. Its name is not
 * included. Throws `not_found` for a server that accepts no tokens or needs none.
 */
export async function describeResource(
  { snapshot, publicUrl }: Pick<Edge, 'snapshot' | 'publicUrl'>,
  serverId: string,
) {
  const manifest = snapshot.peekManifest(serverId) ?? (await snapshot.getManifest(serverId));
  const issuer = needsToken(manifest) ? await findIssuer(snapshot, manifest) : undefined;
  if (manifest === undefined || issuer === undefined) throw new AppError('not_found', 'There is no such resource');
  const scopes = (['tools:read', 'tools:call'] as const).flatMap((scope) => scopeName(manifest, scope) ?? []);
  return {
    resource: canonicalUrlOf(publicUrl, serverId),
    authorization_servers: [issuerUrlOf(issuer)],
    ...(scopes.length === 0 ? {} : { scopes_supported: [...new Set(scopes)] }),
    bearer_methods_supported: ['header'],
  };
}

function needsToken(manifest: Manifest | undefined): manifest is Manifest {
  return manifest !== undefined && manifest.state !== 'deleted' && !manifest.isPublic;
}
