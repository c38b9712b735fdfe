import type { IncomingMessage } from 'node:http';
import type { Snapshot } from '@toolplane/bus';
import { type ApiKeyRecord, AppError, parseApiKey } from '@toolplane/contracts';
import { isApiKey } from '@toolplane/sealing';
import type { SecretValue } from '@toolplane/service-kit';
import type { Principal } from './principal.ts';

/**
 * Turns the credentials of a request into a principal; no credentials give `anonymous`.
 * Keys come in `x-api-key` or as a Bearer token, never in the URL. Which check failed is not told.
 */
export async function authenticate(
  request: IncomingMessage,
  { snapshot, pepper }: { snapshot: Snapshot; pepper: SecretValue },
): Promise<Principal> {
  const key = presentedKey(request);
  if (key === undefined) return { kind: 'anonymous', address: request.socket.remoteAddress ?? '' };
  const parsed = parseApiKey(key);
  if (parsed === undefined) throw unauthenticated();
  const record = snapshot.peekApiKey(parsed.keyId) ?? (await snapshot.getApiKey(parsed.keyId));
  if (record === undefined || !isApiKey(pepper.reveal(), key, record.hash)) throw unauthenticated();
  const principal = toPrincipal(record);
  if (principal === undefined) throw unauthenticated();
  return principal;
}

/** Undefined for a key that is good no more, or was never published. */
export function toPrincipal(record: ApiKeyRecord | undefined): Principal | undefined {
  if (record?.state !== 'active' || (record.expiresAt ?? Number.POSITIVE_INFINITY) <= Date.now()) return undefined;
  const { keyId, workspaceId, permissions, mayAssertUser } = record;
  return {
    kind: 'api-key',
    keyId,
    workspaceId,
    permissions,
    ...(mayAssertUser === undefined ? {} : { mayAssertUser }),
  };
}

export function unauthenticated(): AppError {
  return new AppError('unauthenticated', 'Send a valid API key as x-api-key or as Authorization: Bearer');
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
