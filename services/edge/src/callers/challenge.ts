import type { AppError, Manifest, ToolScope } from '@toolplane/contracts';
import type { Edge } from '../edge.ts';
import { InsufficientScope, scopeFor, scopeName } from './scopes.ts';
import { findIssuer } from './tokens/find-issuer.ts';
import { metadataUrlOf } from './tokens/resource.ts';

type Asked = {
  /** In the form in which the URL names the server. */
  idOrSlug: string | undefined;
  /** Something was sent as a Bearer token. */
  hasToken: boolean;
  /** At the endpoint of debug sessions, whose tokens have a scheme of their own. */
  isDebugger?: boolean;
};

/**
 * `WWW-Authenticate` of a refusal (RFC 6750, 3; RFC 9728, 5.1): where a client finds who issues tokens for this server,
 * and which scope to ask for. For a server that does not exist it says the same as for one that does.
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

/** The smallest scope that can run everything on the server; many clients never ask for more than at first. */
function neededScope(manifest: Manifest | undefined): ToolScope {
  if (manifest === undefined || manifest.mode !== undefined) return 'tools:call';
  const { tools, prompts = [], resources = [], resourceTemplates = [] } = manifest;
  const all = [...tools, ...prompts, ...resources, ...resourceTemplates];
  return all.every((it) => scopeFor(it) === 'tools:read') ? 'tools:read' : 'tools:call';
}
