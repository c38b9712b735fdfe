import { createSecretKey, randomBytes } from 'node:crypto';
import type { RateLimits } from '@toolplane/bus';
import type { CredentialRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import type { HttpClient } from '../src/egress/http-client.ts';
import { createChainCache } from '../src/execution/connections/chains.ts';
import { createFingerprint } from '../src/execution/connections/fingerprint.ts';
import { createExternalTokens } from '../src/execution/external/external-tokens.ts';
import type { RunServices } from '../src/execution/run.ts';
import { createConnectionPool } from '../src/external-mcp/connection-pool.ts';
import { type ConnectLinkSealer, createConnectLinks } from '../src/secrets/connect-links.ts';
import { serializeCredential } from '../src/secrets/credential.ts';
import { createCredentialRecords } from '../src/secrets/credential-records.ts';
import { createTokenExchange } from '../src/secrets/exchanged-tokens.ts';
import { createGrants } from '../src/secrets/grants.ts';
import { createSealingKeys } from '../src/secrets/sealing-keys.ts';
import { createSecretCache, type SecretCache } from '../src/secrets/secret-cache.ts';
import type { SecretStore } from '../src/secrets/secret-store.ts';
import { createTokenCache } from '../src/secrets/tokens.ts';
import { createMemoryStore } from './memory-store.ts';
import { createProcessLocks } from './process-locks.ts';

type StoredText = {
  authentication?: string;
  fields?: Record<string, string>;
  grant?: { accessToken: string; refreshToken?: string; expiresAt?: number };
  hosts?: string[];
};

export type ConnectionServices = Pick<
  RunServices,
  | 'secrets'
  | 'tokens'
  | 'grants'
  | 'exchange'
  | 'chains'
  | 'externalServers'
  | 'externalTokens'
  | 'rateLimits'
  | 'links'
  | 'fingerprint'
  | 'noteSecretUse'
> & {
  secrets: SecretCache;
  links: ConnectLinkSealer;
  store: SecretStore;
  /** Writes credentials in the form in which the data plane stores them, and notifies the cache. */
  put(ref: CredentialRef, text: StoredText): Promise<void>;
};

/**
 * Creates all services for plans with a connection, wired as in the service, with a store in memory and a single
 * process.
 */
export function createConnectionServices(
  client: HttpClient,
  { now = Date.now, rateLimits = unlimited }: { now?: () => number; rateLimits?: Pick<RateLimits, 'take'> } = {},
): ConnectionServices {
  const store = createMemoryStore();
  const secrets = createSecretCache({ store, now });
  const records = createCredentialRecords({
    store,
    locks: createProcessLocks(),
    announceChange: async (ref) => secrets.invalidate(ref),
  });
  const links = createConnectLinks({ getSealingKeys: createSealingKeys(store, now), now });
  return {
    store,
    secrets,
    rateLimits,
    links,
    tokens: createTokenCache({ client, now }),
    grants: createGrants({ records, secrets, client, now }),
    exchange: createTokenExchange({ client, now }),
    chains: createChainCache({ client, now }),
    externalServers: createConnectionPool({ http: client }),
    externalTokens: createExternalTokens({ records, secrets, http: client, now }),
    fingerprint: createFingerprint(createSecretKey(randomBytes(32))),
    noteSecretUse: () => {},
    async put(ref, { authentication = 'main', fields = {}, grant, hosts = ['127.0.0.1'] }) {
      const values = new Map(Object.entries(fields).map(([key, text]) => [key, new SecretValue(text)]));
      const { accessToken = '', refreshToken, ...rest } = grant ?? {};
      const tokens = {
        ...rest,
        client: { id: 'my-client', workspaceId: 'ws' },
        accessToken: new SecretValue(accessToken),
        ...(refreshToken === undefined ? {} : { refreshToken: new SecretValue(refreshToken) }),
      };
      const value = serializeCredential({
        authentication,
        fields: values,
        ...(grant === undefined ? {} : { grant: tokens }),
      });
      const secretRef = toSecretRef(ref);
      const version = ((await store.get(secretRef))?.version ?? 0) + 1;
      await store.put(secretRef, { value, hosts, version });
      secrets.invalidate(secretRef);
    },
  };
}

const unlimited: Pick<RateLimits, 'take'> = { take: async () => 0 };

/** Sliding windows of one process, on the clock that is passed in. */
export function createMemoryRateLimits(now: () => number): Pick<RateLimits, 'take'> & { keys: Set<string> } {
  const taken = new Map<string, number[]>();
  const keys = new Set<string>();
  return {
    keys,
    async take(windows) {
      for (const { key } of windows) keys.add(key);
      const waits = windows.map(({ key, limit, intervalMs }) => {
        const inside = (taken.get(key) ?? []).filter((at) => at > now() - intervalMs);
        taken.set(key, inside);
        return inside.length < limit ? 0 : (inside[0] ?? 0) + intervalMs - now();
      });
      const waitMs = Math.max(0, ...waits);
      if (waitMs === 0) for (const { key } of windows) taken.get(key)?.push(now());
      return waitMs;
    },
  };
}
