import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { AgentClient } from '../generated/client.ts';
import type { Database } from '../platform/database/database.ts';
import * as store from './store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/**
 * How long an unused client is kept: long enough for a person to consent, and short enough for clients that register
 * and are never used.
 */
const UNUSED_MS = 7 * DAY_MS;
const SINCE_USE_MS = 90 * DAY_MS;

/** The storage of clients that registered themselves. Their secrets are stored and compared as keyed hashes. */
export function createClientModel({
  database,
  hashSecret,
  currentNetwork,
}: {
  database: Database;
  hashSecret: (secret: string) => string;
  /** The network of the request that is being answered. */
  currentNetwork: () => string | null;
}): Adapter {
  const unsupported = async (): Promise<undefined> => undefined;
  return {
    async upsert(id, { client_secret: secret, ...metadata }) {
      const stored = { ...metadata, ...(secret === undefined ? {} : { client_secret: hashSecret(secret) }) };
      const row = {
        id,
        metadata: JSON.stringify(stored),
        expiresAt: new Date(Date.now() + UNUSED_MS),
        network: currentNetwork(),
      };
      await database.asPlatform((tx) => store.putClient(tx, row));
    },
    async find(id) {
      if (id.startsWith(OF_AGENTS))
        return toAgentMetadata(await database.asPlatform((tx) => store.findAgentClient(tx, id)));
      const row = await database.asPlatform((tx) => store.findClient(tx, id));
      return row && (JSON.parse(row.metadata) as AdapterPayload);
    },
    findByUid: unsupported,
    findByUserCode: unsupported,
    consume: unsupported,
    destroy: unsupported,
    revokeByGrantId: unsupported,
  };
}

/**
 * The prefix of the ids of clients that were created for an agent. Clients that register themselves never get such an
 * id.
 */
export const OF_AGENTS = 'agc_';

function toAgentMetadata(client: AgentClient | undefined): AdapterPayload | undefined {
  return (
    client && {
      client_id: client.id,
      client_name: client.name,
      client_secret: client.secretHash,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_basic',
    }
  );
}

/** Extends the life of a client that was used. */
export function keepClient(database: Database, id: string): Promise<void> {
  return database.asPlatform((tx) =>
    id.startsWith(OF_AGENTS)
      ? store.touchAgentClient(tx, id)
      : store.touchClient(tx, id, new Date(Date.now() + SINCE_USE_MS)),
  );
}
