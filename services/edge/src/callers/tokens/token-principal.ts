import { createHash } from 'node:crypto';
import {
  type AccessTokenClaims,
  DEFAULT_USERNAME,
  type Issuer,
  type Manifest,
  type ManifestAuthorization,
  type ToolScope,
  toolScopes,
  usernamePattern,
} from '@toolplane/contracts';
import { CLOCK_TOLERANCE_SECONDS } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import type { TokenPrincipal } from '../principal.ts';

type Claims = { sub: string; exp: number; [name: string]: unknown };

/** A longer text is none that a policy could name. */
const TEXT_LENGTH_MAX = 1000;

/** Of a token of the platform's own authorization server. Undefined when it is of another workspace. */
export function toPlatformPrincipal(
  { workspaceId }: Pick<Manifest, 'workspaceId'>,
  { issuer }: Pick<Issuer, 'issuer'>,
  { sub, client_id: clientId, scope, tp_ws: tokenWorkspace, groups = [] }: AccessTokenClaims,
  claims: Claims,
): TokenPrincipal | undefined {
  if (tokenWorkspace !== workspaceId) return undefined;
  return {
    kind: 'token',
    workspaceId,
    issuer,
    subject: sub,
    clientId,
    groups,
    ...(sub.startsWith('agt_') ? { agentId: sub } : { username: sub }),
    scopes: withImplied(wordsOf(scope).filter((word): word is ToolScope => toolScopes.some((known) => known === word))),
    ...whatItSays(claims),
  };
}

/** Of a token of the server's own issuer. Undefined when it does not say who the user is where it should. */
export function toOwnPrincipal(
  { workspaceId }: Pick<Manifest, 'workspaceId'>,
  { issuer, scopes, claims: names = {} }: ManifestAuthorization,
  token: string,
  claims: Claims,
): TokenPrincipal | undefined {
  const { username: usernameClaim = 'sub', groups: groupsClaim = 'groups' } = names;
  const name = claimOf(claims, usernameClaim);
  if (typeof name !== 'string' || name === '') return undefined;
  const clientId = claimOf(claims, 'client_id') ?? claimOf(claims, 'azp');
  const groups = claimOf(claims, groupsClaim);
  return {
    kind: 'token',
    workspaceId,
    issuer,
    subject: claims.sub,
    ownToken: new SecretValue(token),
    username: toUsername(issuer, name),
    ...(typeof clientId === 'string' ? { clientId } : {}),
    groups: textsOf(typeof groups === 'string' ? [groups] : groups) ?? [],
    scopes: toToolScopes(wordsOf(claims['scope'] ?? claims['scp']), scopes),
    ...whatItSays(claims),
  };
}

/** Names that mean something here already, which an issuer of somebody else cannot give away. */
const TAKEN = /^(?:psn_|agt_|sub-)/;

/** The user of an issuer's own name where that is one; else a name made of it that is nobody else's. */
function toUsername(issuer: string, name: string): string {
  const isTaken = TAKEN.test(name) || name === DEFAULT_USERNAME;
  if (usernamePattern.test(name) && !isTaken) return name;
  return `sub-${createHash('sha256').update(`${issuer}\n${name}`).digest('base64url')}`;
}

/** A scope that the issuer has no name for is not asked for: whoever may read may call then, whoever is known may read. */
function toToolScopes(words: readonly string[], names: ManifestAuthorization['scopes'] = {}): ToolScope[] {
  const has = (name: string | undefined) => name === undefined || words.includes(name);
  const mayCall = names.call === undefined ? has(names.read) : has(names.call);
  return withImplied([
    ...(mayCall ? ['tools:call' as const] : []),
    ...(has(names.read) ? ['tools:read' as const] : []),
  ]);
}

/** Who may call every tool may call those that only read. */
function withImplied(scopes: ToolScope[]): ToolScope[] {
  return scopes.includes('tools:call') ? [...toolScopes] : scopes;
}

function whatItSays(claims: Claims): Pick<TokenPrincipal, 'claims' | 'expiresAt'> {
  const said: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(claims)) {
    const texts = isText(value) ? value : textsOf(value);
    // What names the token alone would make each of them another caller.
    if (name === 'jti' || texts === undefined) continue;
    Object.defineProperty(said, name, { value: texts, enumerable: true });
  }
  return { claims: said, expiresAt: (claims.exp + CLOCK_TOLERANCE_SECONDS) * 1000 };
}

/** However many they are, and whatever else is between them: what is left out could be what a rule denies. */
function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter(isText) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= TEXT_LENGTH_MAX;
}

/** RFC 8693, 4.2: words with blanks between them; some issuers write a list. */
function wordsOf(scope: unknown): readonly string[] {
  if (typeof scope === 'string') return scope.split(' ').filter((word) => word !== '');
  return textsOf(scope) ?? [];
}

function claimOf(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}
