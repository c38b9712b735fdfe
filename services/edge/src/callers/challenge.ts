import type { AppError, Manifest, ToolScope } from '@toolplane/contracts';
import type { Edge } from '../edge.ts';
import { InsufficientScope, scopeFor, scopeName } from './scopes.ts';
import { findIssuer } from './tokens/find-issuer.ts';
import { metadataUrlOf } from './tokens/resource.ts';

type Asked = {
  /** The id or slug that names the server in the URL. */
  idOrSlug: string | undefined;
  /** The request contains an `Authorization` header. */
  hasToken: boolean;
  /** The request is for the endpoint of debug sessions, whose tokens have a separate scheme. */
  isDebugger?: boolean;
};

/**
 * Returns the `WWW-Authenticate` header of a refusal (RFC 6750, 3; RFC 9728, 5.1): where a client finds out who issues
 * tokens for this server, and which scope to request. The header is the same whether or not the server exists.
 */
export async function toChallenge(
  { snapshot, publicUrl }: Pick<Edge, 'snapshot' | 'publicUrl'>,
  error: AppError,
  { idOrSlug = '', hasToken, isDebugger }: Asked,
): Promise<string | undefined> {
  if (error.code !== 'unauthenticated' && error.code !== 'insufficient_scope') return undefined;
  if (isDebugger) return `Token realm="${publicUrl}"`;
  const bare = `Bearer realm="${publicUrl}"`;
  if (!idOrSlug.startsWith('srv_')) return bare;
  const manifest = await Promise.resolve(snapshot.peekManifest(idOrSlug) ?? snapshot.getManifest(idOrSlug)).catch(
    () => undefined,
  );
  const issuer = await findIssuer(snapshot, manifest ?? {}).catch(() => undefined);
  if (issuer === undefined || manifest?.isPublic) return bare;
  const needed = error instanceof InsufficientScope ? error.scope : neededScope(manifest);
  const scope = scopeName(manifest ?? {}, needed);
  const problem = error.code === 'unauthenticated' ? 'invalid_token' : error.code;
  return [
    bare,
    ...(hasToken ? [`error="${problem}"`] : []),
    ...(scope === undefined ? [] : [`scope="${scope}"`]),
    `resource_metadata="${metadataUrlOf(publicUrl, idOrSlug)}"`,
  ].join(', ');
}

/**
 * Returns the smallest scope that can run everything on the server, because many clients never request more than at
 * first.
 */
function neededScope(manifest: Manifest | undefined): ToolScope {
  if (manifest === undefined || manifest.mode !== undefined) return 'tools:call';
  const { tools, prompts = [], resources = [], resourceTemplates = [] } = manifest;
  const all = [...tools, ...prompts, ...resources, ...resourceTemplates];
  return all.every((it) => scopeFor(it) === 'tools:read') ? 'tools:read' : 'tools:call';
}
