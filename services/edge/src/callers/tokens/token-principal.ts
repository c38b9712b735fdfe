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

/** Longer texts are ignored, because no policy could name them. */
const TEXT_LENGTH_MAX = 1000;

/**
 * Returns the principal for a token of the platform's own authorization server, or undefined if the token belongs to
 * another workspace.
 */
export function toPlatformPrincipal(
  { organizationId, workspaceId }: Pick<Manifest, 'organizationId' | 'workspaceId'>,
  { issuer }: Pick<Issuer, 'issuer'>,
  { sub, client_id: clientId, scope, tp_ws: tokenWorkspace, groups = [] }: AccessTokenClaims,
  claims: Claims,
): TokenPrincipal | undefined {
  if (tokenWorkspace !== workspaceId) return undefined;
  return {
    kind: 'token',
    ...(organizationId === undefined ? {} : { organizationId }),
    workspaceId,
    issuer,
    subject: sub,
    clientId,
    groups,
    ...(sub.startsWith('agt_') ? { agentId: sub } : { username: sub }),
    scopes: withImplied(wordsOf(scope).filter((word): word is ToolScope => toolScopes.some((known) => known === word))),
    ...toClaimsAndExpiry(claims),
  };
}

/**
 * Returns the principal for a token of the server's own issuer, or undefined if the claim for the user's name is
 * missing or unsuitable.
 */
export function toOwnPrincipal(
  { organizationId, workspaceId }: Pick<Manifest, 'organizationId' | 'workspaceId'>,
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
    ...(organizationId === undefined ? {} : { organizationId }),
    workspaceId,
    issuer,
    subject: claims.sub,
    ownToken: new SecretValue(token),
    username: toUsername(issuer, name),
    ...(typeof clientId === 'string' ? { clientId } : {}),
    groups: textsOf(typeof groups === 'string' ? [groups] : groups) ?? [],
    scopes: toToolScopes(wordsOf(claims['scope'] ?? claims['scp']), scopes),
    ...toClaimsAndExpiry(claims),
  };
}

/** Names that already have a meaning here, so another owner's issuer must not assign them. */
const TAKEN = /^(?:psn_|agt_|sub-)/;

/**
 * Returns the issuer's own name for the user if it is a valid name here, otherwise a derived name that nobody else has.
 */
function toUsername(issuer: string, name: string): string {
  const isTaken = TAKEN.test(name) || name === DEFAULT_USERNAME;
  if (usernamePattern.test(name) && !isTaken) return name;
  return `sub-${createHash('sha256').update(`${issuer}\n${name}`).digest('base64url')}`;
}

/**
 * A scope for which the issuer has no name is not required: then a caller who may read may also call, and any known
 * caller may read.
 */
function toToolScopes(words: readonly string[], names: ManifestAuthorization['scopes'] = {}): ToolScope[] {
  const has = (name: string | undefined) => name === undefined || words.includes(name);
  const mayCall = names.call === undefined ? has(names.read) : has(names.call);
  return withImplied([
    ...(mayCall ? ['tools:call' as const] : []),
    ...(has(names.read) ? ['tools:read' as const] : []),
  ]);
}

/** A caller who may call every tool may also call read-only tools. */
function withImplied(scopes: ToolScope[]): ToolScope[] {
  return scopes.includes('tools:call') ? [...toolScopes] : scopes;
}

function toClaimsAndExpiry(claims: Claims): Pick<TokenPrincipal, 'claims' | 'expiresAt'> {
  const said: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(claims)) {
    const texts = isText(value) ? value : textsOf(value);
    // A claim that identifies only this token would make each token a separate caller.
    if (name === 'jti' || texts === undefined) continue;
    Object.defineProperty(said, name, { value: texts, enumerable: true });
  }
  return { claims: said, expiresAt: (claims.exp + CLOCK_TOLERANCE_SECONDS) * 1000 };
}

/**
 * Returns all texts of a list, regardless of their number and of other values between them: an omitted text could be
 * one that a rule denies.
 */
function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter(isText) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= TEXT_LENGTH_MAX;
}

/** Reads scopes as words separated by spaces (RFC 8693, 4.2); some issuers write a list. */
function wordsOf(scope: unknown): readonly string[] {
  if (typeof scope === 'string') return scope.split(' ').filter((word) => word !== '');
  return textsOf(scope) ?? [];
}

function claimOf(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}
