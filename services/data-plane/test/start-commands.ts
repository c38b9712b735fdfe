import { createSecretKey, randomBytes } from 'node:crypto';
import type { Json, Outcome, SealedCredential, SecretRef } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import { type CommandHandler, createCommandHandler } from '../src/commands/handle-command.ts';
import type { FetchDocument } from '../src/documents/fetch-document.ts';
import type { HttpClient } from '../src/egress/http-client.ts';
import { createChainCache } from '../src/execution/connections/chains.ts';
import { createFingerprint } from '../src/execution/connections/fingerprint.ts';
import { createExternalTokens } from '../src/execution/external/external-tokens.ts';
import type { RunServices } from '../src/execution/run.ts';
import { createConnectionPool } from '../src/external-mcp/connection-pool.ts';
import { createConnectLinks } from '../src/secrets/connect-links.ts';
import { createCredentialRecords } from '../src/secrets/credential-records.ts';
import { createTokenExchange } from '../src/secrets/exchanged-tokens.ts';
import { createGrants } from '../src/secrets/grants.ts';
import { createSealedValues } from '../src/secrets/sealed-values.ts';
import { createSealingKeys, type GetSealingKeys } from '../src/secrets/sealing-keys.ts';
import { createSecretCache } from '../src/secrets/secret-cache.ts';
import type { SecretStore } from '../src/secrets/secret-store.ts';
import { createTokenCache } from '../src/secrets/tokens.ts';
import { openClient } from './open-client.ts';
import { createProcessLocks } from './process-locks.ts';

export type TestCommands = {
  handle: CommandHandler;
  send(body: Json, tenant?: string): Promise<Outcome>;
  /** Seals a value like a person's browser. */
  seal(audience: string | undefined, value: string | SealedCredential['value'], hosts?: string[]): Promise<string>;
  services: RunServices;
  announced: SecretRef[];
  internalErrors: unknown[];
  slotsLeft(): number;
  /** Unix milliseconds; a test may change the time. */
  time: { nowMs: number };
};

/** Handles commands of the control plane, with real requests to 127.0.0.1. */
export function startCommands(
  store: SecretStore,
  {
    locks = createProcessLocks(),
    client = openClient(),
    getSealingKeys,
    withoutAudienceUntil,
  }: {
    withoutAudienceUntil?: Date;
    getSealingKeys?: GetSealingKeys;
    locks?: ReturnType<typeof createProcessLocks>;
    client?: HttpClient;
  } = {},
): TestCommands {
  const announced: SecretRef[] = [];
  const internalErrors: unknown[] = [];
  const time = { nowMs: Date.now() };
  const now = () => time.nowMs;
  const getKeys = getSealingKeys ?? createSealingKeys(store, now);
  let slotsLeft = 0;
  const secrets = createSecretCache({ store, now });
  const announceChange = async (ref: SecretRef) => {
    secrets.invalidate(ref);
    announced.push(ref);
  };
  const records = createCredentialRecords({ store, locks, announceChange });
  const links = createConnectLinks({ getSealingKeys: getKeys, now });
  const services: RunServices = {
    client,
    secrets,
    links,
    tokens: createTokenCache({ client, now }),
    exchange: createTokenExchange({ client, now }),
    chains: createChainCache({ client, now }),
    externalServers: createConnectionPool({ http: client }),
    externalTokens: createExternalTokens({ records, secrets, http: client, now }),
    grants: createGrants({ records, secrets, client, now }),
    rateLimits: { take: async () => 0 },
    fingerprint: createFingerprint(createSecretKey(randomBytes(32))),
    clock: { now, wait: async () => {} },
    noteSecretUse: () => {},
    onInternalError: (error) => internalErrors.push(error),
  };
  const handle = createCommandHandler({
    store,
    locks,
    records,
    getSealingKeys: getKeys,
    sealedValues: createSealedValues({ getSealingKeys: getKeys, withoutAudienceUntil, now }),
    links,
    announceChange,
    fetchDocument,
    fetchClientDocument: async (url) => ({ gzipped: `${url} of a client`, sha256: '' }),
    services,
  });
  return {
    handle,
    services,
    announced,
    internalErrors,
    time,
    send(body, tenant = 'ws') {
      return handle({ tenant, body, signal: new AbortController().signal, leaveSlot: () => void slotsLeft++ });
    },
    async seal(audience, value, hosts = ['127.0.0.1']) {
      const { publicKey: key } = await getKeys();
      return sealSecret({ key, audience }, { value, hosts });
    },
    slotsLeft: () => slotsLeft,
  };
}

/** Replaced, because fetching documents has separate tests. */
const fetchDocument: FetchDocument = async (url, { tenant, onWait }) => {
  onWait();
  return { gzipped: `${url} for ${tenant}`, sha256: '' };
};
