import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import type { ClientAddress } from '@toolplane/service-kit';
import type { Principal } from '../../platform/principals/principal.ts';
import { createWrongCredentialLimit } from '../../platform/principals/wrong-credentials.ts';
import type { ApiKeys } from '../api-keys/api-keys.ts';
import { hasApiKey, readApiKey } from './credentials.ts';

export type Authenticate = (req: IncomingMessage) => Promise<Principal>;

/** Accepts either a key or a session, because two credentials could belong to two tenants. */
export function createAuthenticate(
  apiKeys: Pick<ApiKeys, 'verify'>,
  people: { hasSession(req: IncomingMessage): boolean; authenticate: Authenticate },
  addressOf: ClientAddress,
): Authenticate {
  const authenticateKey = createKeyAuthentication(apiKeys, addressOf);
  return async (req) => {
    if (!people.hasSession(req)) return authenticateKey(req);
    if (hasApiKey(req))
      throw new AppError('invalid_request', 'The request has both an API key and a session; send only one');
    return people.authenticate(req);
  };
}

export function createKeyAuthentication(apiKeys: Pick<ApiKeys, 'verify'>, addressOf: ClientAddress): Authenticate {
  const limitWrong = createWrongCredentialLimit('API keys');
  return async (req) => {
    const key = readApiKey(req);
    const address = addressOf(req);
    const principal = await limitWrong(key, address, () => apiKeys.verify(key, address));
    if (principal === undefined) throw new AppError('unauthenticated', 'The API key is not valid');
    return principal;
  };
}
