import { hash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type ApiKeyRecord, AppError, isMeantAsApiKey, keyIdAt, parseApiKey } from '@toolplane/contracts';
import { isApiKey } from '@toolplane/sealing';
import { createNetworks } from '@toolplane/service-kit';
import type { Edge } from '../edge.ts';
import { memoize } from '../memoize.ts';
import type { KeyPrincipal, Principal } from './principal.ts';
import type { MayAsk } from './tokens/access-tokens.ts';

/**
 * Turns the credentials of a request into a principal, synchronously for a key that was verified before. A request
 * without credentials is `anonymous`. Keys are sent in `x-api-key` or as a Bearer token, OAuth access tokens as Bearer
 * tokens, and neither in the URL. The error does not reveal which check failed.
 */
export function authenticate(
  request: IncomingMessage,
  edge: Pick<Edge, 'snapshot' | 'pepper' | 'addressOf' | 'authenticateToken'>,
  idOrSlug: string,
  mayAsk: MayAsk,
): Principal | Promise<Principal> {
  const key = readCredential(request);
  if (key === undefined) return { kind: 'anonymous', address: edge.addressOf(request) };
  const verified = peekVerified(edge.snapshot, key);
  if (verified !== undefined) return requirePrincipal(verified, edge.addressOf(request));
  const parsed = parseApiKey(key);
  if (parsed !== undefined) return authenticateKey(request, edge, { key, keyId: parsed.keyId }, mayAsk);
  // A text that resembles an API key is passed to nobody, not even to an issuer that verifies tokens.
  if (request.headers['x-api-key'] !== undefined || key === '' || isMeantAsApiKey(key)) throw unauthenticated();
  return edge.authenticateToken(idOrSlug, key, mayAsk);
}

async function authenticateKey(
  request: IncomingMessage,
  { snapshot, pepper, addressOf }: Pick<Edge, 'snapshot' | 'pepper' | 'addressOf'>,
  { key, keyId }: { key: string; keyId: string },
  mayAsk: MayAsk,
): Promise<Principal> {
  // Guessing keys must not cause one Redis request per guess.
  if (!snapshot.hasApiKey(keyId)) await mayAsk();
  const record = await snapshot.getApiKey(keyId);
  // Verifying an unknown key takes the same hash as a wrong one.
  const isRight = isApiKey(pepper.reveal(), key, record?.hash ?? '0'.repeat(64));
  if (!isRight || record === undefined) throw unauthenticated();
  digests.set(record, digestOf(key));
  return requirePrincipal(record, addressOf(request));
}

/** The digest of the correct key of each record. A new publication creates a new record. */
const digests = new WeakMap<ApiKeyRecord, string>();
const salt = randomBytes(16).toString('hex');
/** Created once for each publication. */
const networksOf = memoize(createNetworks);

/**
 * Returns the record of a key that was verified before. Verifying costs an HMAC and a check of the key's format, once
 * per record; afterwards, the key is recognised by its digest. Nobody outside can compute a digest with this process's
 * salt, so the time that a comparison takes reveals nothing.
 */
function peekVerified(snapshot: Edge['snapshot'], key: string): ApiKeyRecord | undefined {
  const record = snapshot.peekApiKey(keyIdAt(key));
  const digest = record && digests.get(record);
  return digest !== undefined && digest === digestOf(key) ? record : undefined;
}

function digestOf(key: string): string {
  return hash('sha256', salt + key, 'hex');
}

function requirePrincipal(record: ApiKeyRecord, address: string): KeyPrincipal {
  const principal = toPrincipal(record, address);
  if (principal === undefined) throw unauthenticated();
  return principal;
}

/** Returns undefined for a key that is no longer valid, is not valid from this address, or was never published. */
export function toPrincipal(record: ApiKeyRecord | undefined, address: string): KeyPrincipal | undefined {
  if (record?.state !== 'active' || (record.expiresAt ?? Number.POSITIVE_INFINITY) <= Date.now()) return undefined;
  if (record.addresses !== undefined && !networksOf(record.addresses).has(address)) return undefined;
  return { ...knownOf(record), address };
}

/** The principal's fields from the record, computed once for each publication. */
const knownOf = memoize(toKnown);

function toKnown(record: ApiKeyRecord): Omit<KeyPrincipal, 'address'> {
  const { keyId, organizationId, workspaceId, permissions, mayAssertUser, agentId, servers, tools } = record;
  return {
    kind: 'api-key',
    keyId,
    organizationId,
    workspaceId,
    permissions,
    ...(mayAssertUser === undefined ? {} : { mayAssertUser }),
    ...(agentId === undefined ? {} : { agentId }),
    ...(servers === undefined ? {} : { servers }),
    ...(tools === undefined ? {} : { tools }),
  };
}

export function unauthenticated(): AppError {
  return new AppError(
    'unauthenticated',
    'Send a valid API key as x-api-key or Authorization: Bearer, or an access token issued for this server as Authorization: Bearer',
  );
}

function readCredential(request: IncomingMessage): string | undefined {
  const { 'x-api-key': header, authorization } = request.headers;
  const bearer = authorization === undefined ? undefined : (/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
  const key = header as string | undefined;
  // Node joins repeated `x-api-key` headers with a comma, which no key contains, and keeps only the first
  // `Authorization`.
  const isRepeated = key?.includes(',') || (authorization !== undefined && isSentTwice(request, 'authorization'));
  const isAmbiguous = isRepeated || (key !== undefined && bearer !== undefined && key !== bearer);
  if (isAmbiguous) throw new AppError('invalid_request', 'The request carries more than one credential; send only one');
  return key ?? bearer;
}

/** Avoids `headersDistinct`, which would read all headers once more. */
function isSentTwice({ rawHeaders }: IncomingMessage, name: string): boolean {
  let times = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.length === name.length && rawHeaders[at]?.toLowerCase() === name) times += 1;
  }
  return times > 1;
}
