import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Database } from '../platform/database/database.ts';
import * as grants from './grant-store.ts';

/**
 * Stores the grants of people in a table that they can list. Revoking a grant, as the library does when a token was
 * used twice, revokes every code and token that was issued for it.
 */
export function createGrantModel({
  database,
  serverIdOf,
}: {
  database: Database;
  /** Returns the id of the server with the URL that the grant is for. */
  serverIdOf: (resource: string) => string | undefined;
}): Adapter {
  const nothing = async (): Promise<undefined> => undefined;
  return {
    async upsert(grantId, payload, expiresIn = 0) {
      const { accountId = '', clientId = '', resources = {} } = payload;
      const [[resource, scope] = ['', '']] = Object.entries(resources as Record<string, string>);
      const grant: grants.NewGrant = {
        grantId,
        personId: accountId,
        clientId,
        serverId: serverIdOf(resource) ?? '',
        scopes: scope.split(' '),
        payload: JSON.stringify(payload),
        expiresAt: new Date(Date.now() + expiresIn * 1000),
      };
      await database.asPlatform((tx) => grants.putGrant(tx, grant));
    },
    async find(grantId) {
      const row = await database.asPlatform((tx) => grants.findByGrantId(tx, grantId));
      return row && (JSON.parse(row.payload) as AdapterPayload);
    },
    async destroy(grantId) {
      await database.asPlatform((tx) => grants.deleteGrants(tx, { grantId }));
    },
    findByUid: nothing,
    findByUserCode: nothing,
    consume: nothing,
    revokeByGrantId: nothing,
  };
}
