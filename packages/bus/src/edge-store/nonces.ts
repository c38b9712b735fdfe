import type { Redis } from 'ioredis';
import { keys } from '../keys.ts';
import { orUnavailable } from '../queue-unavailable.ts';
import { defineScript } from '../redis-script.ts';
import type { EdgeStore } from './edge-store.ts';
import { hashOfId } from './place-cipher.ts';

/** KEYS: nonce. ARGV: who releases it. */
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

type Nonces = Pick<EdgeStore, 'useOnce' | 'releaseOnce'>;

export function createNonces(redis: Redis): Nonces {
  const release = defineScript(redis, 'toolplaneReleaseNonce', RELEASE);
  return {
    async useOnce(nonce, ttlMs, by = '') {
      return (await orUnavailable(redis.set(keys.once(hashOfId(nonce)), by, 'PX', ttlMs, 'NX'))) === 'OK';
    },
    async releaseOnce(nonce, by) {
      await orUnavailable(release([keys.once(hashOfId(nonce))], [by]));
    },
  };
}
