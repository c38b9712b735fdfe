import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { ApiKeys } from '../api-keys/api-keys.ts';
import { readApiKey } from './credentials.ts';
import type { Principal } from './principal.ts';

const WRONG_KEYS_PER_MINUTE = 100;

/** Only wrong keys are counted, so whoever sends them cannot lock out the right one behind the same address. */
export function createAuthenticate(apiKeys: ApiKeys): (req: IncomingMessage) => Promise<Principal> {
  const wrongKeys = new RateLimiterMemory({ points: WRONG_KEYS_PER_MINUTE, duration: 60 });
  return async (req) => {
    const principal = await apiKeys.verify(readApiKey(req));
    if (principal !== undefined) return principal;
    const isWithinLimit = await wrongKeys.consume(req.socket.remoteAddress ?? '').then(
      () => true,
      () => false,
    );
    if (!isWithinLimit) throw new AppError('rate_limited', 'Too many wrong API keys from this address');
    throw new AppError('unauthenticated', 'The API key is not valid');
  };
}
