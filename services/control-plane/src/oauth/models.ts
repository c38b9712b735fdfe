import { createHash } from 'node:crypto';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import type { Database } from '../platform/database/database.ts';
import { createClientModel } from './client-model.ts';
import { createGrantModel } from './grant-model.ts';
import * as store from './store.ts';

/**
 * The storage of the library, in PostgreSQL, so that any process can serve the next request. Ids of codes, refresh
 * tokens and sign-ins are bearer secrets, so only their hashes are stored.
 */
export function createModels(options: {
  database: Database;
  hashSecret: (secret: string) => string;
  currentNetwork: () => string | null;
  serverIdOf: (resource: string) => string | undefined;
  /** The error for an entry that a concurrent request has already consumed. */
  alreadyUsed: () => Error;
}): AdapterFactory {
  return (kind) => {
    if (kind === 'Client') return createClientModel(options);
    if (kind === 'Grant') return createGrantModel(options);
    return createModel(kind, options);
  };
}

function createModel(
  kind: string,
  { database, alreadyUsed }: { database: Database; alreadyUsed: () => Error },
): Adapter {
  const read = (row: store.StoredModel | undefined, jti?: string): AdapterPayload | undefined =>
    row && {
      ...(JSON.parse(row.payload) as AdapterPayload),
      ...(jti === undefined ? {} : { jti }),
      ...(row.consumedAt === null ? {} : { consumed: toSeconds(row.consumedAt) }),
    };
  return {
    async upsert(id, { jti: _jti, ...payload }, expiresIn = 0) {
      const { grantId, uid } = payload;
      const row = {
        kind,
        idHash: hashOf(id),
        payload: JSON.stringify(payload),
        grantId: grantId ?? null,
        uidHash: uid === undefined ? null : hashOf(uid),
        expiresAt: new Date(Date.now() + expiresIn * 1000),
      };
      await database.asPlatform((tx) => store.putModel(tx, row));
    },
    find: async (id) => read(await database.asPlatform((tx) => store.findModel(tx, kind, { idHash: hashOf(id) })), id),
    findByUid: async (uid) =>
      read(await database.asPlatform((tx) => store.findModel(tx, kind, { uidHash: hashOf(uid) }))),
    // The device flow is not supported.
    findByUserCode: async () => undefined,
    async consume(id) {
      if (!(await database.asPlatform((tx) => store.consumeModel(tx, kind, hashOf(id))))) throw alreadyUsed();
    },
    async destroy(id) {
      await database.asPlatform((tx) => store.deleteModel(tx, kind, hashOf(id)));
    },
    async revokeByGrantId(grantId) {
      await database.asPlatform((tx) => store.deleteOfGrant(tx, grantId));
    },
  };
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
