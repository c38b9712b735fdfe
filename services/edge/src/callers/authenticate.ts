import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type ApiKeyRecord, AppError, isMeantAsApiKey, parseApiKey } from '@toolplane/contracts';
import { isApiKey } from '@toolplane/sealing';
import { createNetworks, type Networks } from '@toolplane/service-kit';
import type { Edge } from '../edge.ts';
import type { KeyPrincipal, Principal } from './principal.ts';
import type { MayAsk } from './tokens/access-tokens.ts';

/**
 * Turns the credentials of a request into a principal; no credentials give `anonymous`.
 * Keys come in `x-api-key` or as a Bearer token, access tokens of OAuth as Bearer tokens; never in the URL. Which check
 * failed is not told.
 */
export async function authenticate(
  request: IncomingMessage,
  {
    snapshot,
    pepper,
    addressOf,
    authenticateToken,
  }: Pick<Edge, 'snapshot' | 'pepper' | 'addressOf' | 'authenticateToken'>,
  idOrSlug: string,
  mayAsk: MayAsk,
): Promise<Principal> {
  const key = presentedKey(request);
  if (key === undefined) return { kind: 'anonymous', address: addressOf(request) };
  const parsed = parseApiKey(key);
  if (parsed === undefined) {
    // What is almost an API key is told to nobody, also not to an issuer that is asked about tokens.
    if (request.headers['x-api-key'] !== undefined || key === '' || isMeantAsApiKey(key)) throw unauthenticated();
    return authenticateToken(idOrSlug, key, mayAsk);
  }
  const record = snapshot.peekApiKey(parsed.keyId) ?? (await snapshot.getApiKey(parsed.keyId));
  if (!isKeyOf(record, key, pepper)) throw unauthenticated();
  const principal = toPrincipal(record, addressOf(request));
  if (principal === undefined) throw unauthenticated();
  return principal;
}

/** What was published anew is another record. */
const proved = new WeakMap<ApiKeyRecord, Buffer>();

/**
 * The HMAC is a tenth of what a list costs, so the right key pays it once per record, and is known by its digest then. Of
 * 256 random bits a digest gives nothing away.
 */
function isKeyOf(record: ApiKeyRecord | undefined, key: string, pepper: Edge['pepper']): boolean {
  const digest = hash('sha256', key, 'buffer');
  const known = record && proved.get(record);
  if (known !== undefined && timingSafeEqual(known, digest)) return true;
  // An unknown key costs the same hash as a wrong one.
  const isRight = isApiKey(pepper.reveal(), key, record?.hash ?? '0'.repeat(64));
  if (isRight && record !== undefined) proved.set(record, digest);
  return isRight;
}

/** Undefined for a key that is good no more, is not good from this address, or was never published. */
export function toPrincipal(record: ApiKeyRecord | undefined, address: string): KeyPrincipal | undefined {
  if (record?.state !== 'active' || (record.expiresAt ?? Number.POSITIVE_INFINITY) <= Date.now()) return undefined;
  if (record.addresses !== undefined && !networksOf(record, record.addresses).has(address)) return undefined;
  const { keyId, workspaceId, permissions, mayAssertUser, agentId, servers, tools } = record;
  return {
    kind: 'api-key',
    keyId,
    workspaceId,
    permissions,
    address,
    ...(mayAssertUser === undefined ? {} : { mayAssertUser }),
    ...(agentId === undefined ? {} : { agentId }),
    ...(servers === undefined ? {} : { servers }),
    ...(tools === undefined ? {} : { tools }),
  };
}

const networks = new WeakMap<ApiKeyRecord, Networks>();

/** Made once for each publication. */
function networksOf(record: ApiKeyRecord, addresses: readonly string[]): Networks {
  const known = networks.get(record);
  if (known !== undefined) return known;
  const made = createNetworks(addresses);
  networks.set(record, made);
  return made;
}

export function unauthenticated(): AppError {
  return new AppError(
    'unauthenticated',
    'Send a valid API key as x-api-key or Authorization: Bearer, or an access token made for this server as the latter',
  );
}

function presentedKey(request: IncomingMessage): string | undefined {
  const { 'x-api-key': header, authorization } = request.headers;
  const bearer = authorization === undefined ? undefined : (/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
  const key = header as string | undefined;
  // Node joins a repeated x-api-key with a comma, which no key contains.
  const isAmbiguous = key?.includes(',') || (key !== undefined && bearer !== undefined && key !== bearer);
  if (isAmbiguous) throw new AppError('invalid_request', 'The request carries more than one credential; send one');
  return key ?? bearer;
}
