import type { Snapshot } from '@toolplane/bus';
import { AppError, type Manifest } from '@toolplane/contracts';
import { unauthenticated } from '../callers/authenticate.ts';
import type { IdentifiedPrincipal, Principal } from '../callers/principal.ts';

/**
 * Finds a server that a caller may use, by id, or by slug within the caller's workspace. Synchronous if the server is
 * in memory. A server of another workspace, one that the key is not valid for and one that does not exist all give the
 * same answer.
 */
export function findServer(snapshot: Snapshot, principal: Principal, idOrSlug: string): Manifest | Promise<Manifest> {
  const known = peek(snapshot, principal, idOrSlug);
  if (known !== undefined) return requireUsable(known, principal);
  return findManifest(snapshot, principal, idOrSlug).then((manifest) => requireUsable(manifest, principal));
}

function requireUsable(manifest: Manifest | undefined, principal: Principal): Manifest {
  if (principal.kind === 'anonymous') {
    if (manifest?.isPublic && manifest.state === 'running') return manifest;
    throw unauthenticated();
  }
  if (manifest === undefined || manifest.state === 'deleted' || !isWithin(principal, manifest)) {
    throw new AppError('not_found', 'There is no such MCP server');
  }
  if (principal.kind === 'api-key' && !principal.permissions.includes('tools:call')) {
    throw new AppError('forbidden', 'This key lacks the permission tools:call');
  }
  if (manifest.state === 'stopped') {
    throw new AppError('config_unavailable', 'This MCP server is stopped, or nothing is deployed to it yet');
  }
  return manifest;
}

/** Returns whether the server belongs to the caller's workspace and the caller's key is valid for it. */
function isWithin(principal: IdentifiedPrincipal, { workspaceId, serverId }: Manifest): boolean {
  if (workspaceId !== principal.workspaceId) return false;
  return isValidFor(principal, serverId);
}

/** A token is valid only for the server of its audience. */
export function isValidFor(principal: Principal, serverId: string): boolean {
  return principal.kind !== 'api-key' || principal.servers === undefined || principal.servers.includes(serverId);
}

function peek(snapshot: Snapshot, principal: Principal, idOrSlug: string): Manifest | undefined {
  if (isServerId(idOrSlug)) return snapshot.peekManifest(idOrSlug);
  return principal.kind === 'anonymous' ? undefined : snapshot.peekManifestBySlug(principal.workspaceId, idOrSlug);
}

async function findManifest(snapshot: Snapshot, principal: Principal, idOrSlug: string): Promise<Manifest | undefined> {
  if (isServerId(idOrSlug)) return snapshot.getManifest(idOrSlug);
  return principal.kind === 'anonymous' ? undefined : snapshot.getManifestBySlug(principal.workspaceId, idOrSlug);
}

/** A slug contains no underscore, so an id cannot be mistaken for one. */
function isServerId(idOrSlug: string): boolean {
  return idOrSlug.startsWith('srv_');
}
