import { type Role, SINGLE_SIGN_ON_SECRET } from '@toolplane/contracts';
import { singleSignOnAudience } from '@toolplane/sealing';
import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import { type Commands, toDefaultPool } from '../../platform/commands/commands.ts';
import { type Database, refusingDuplicates } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { checkSealed } from '../../platform/sealed.ts';
import { refuseBeyondReach } from '../members/reach.ts';
import * as store from './store.ts';

export type { SsoConnection } from './store.ts';

export type SsoConnectionRequest = {
  issuer: string;
  clientId: string;
  /** The client secret, sealed for the data plane. Without it, the client is a public one. */
  sealed?: string | undefined;
  domains: string[];
  defaultRole: Role;
  isEnforced: boolean;
};
export type SsoConnectionChange = {
  [Name in Exclude<keyof SsoConnectionRequest, 'issuer'>]?: SsoConnectionRequest[Name] | undefined;
};

/**
 * Manages the issuers with which people of an organization sign in. Secrets are passed to the data plane and are not
 * stored here.
 */
export type SsoConnections = {
  create(principal: Principal, request: SsoConnectionRequest): Promise<store.SsoConnection>;
  list(principal: Principal, page: PageRequest): Promise<ListPage<store.SsoConnection>>;
  get(principal: Principal, id: string): Promise<store.SsoConnection>;
  /** Changes everything but the issuer, because identities at one issuer mean nothing at another. */
  change(principal: Principal, id: string, change: SsoConnectionChange): Promise<store.SsoConnection>;
  /** Deletes a connection. People who signed in with it stay members. */
  remove(principal: Principal, id: string): Promise<void>;
};

export function createSsoConnections(options: { database: Database; commands: Commands }): SsoConnections {
  const { database, commands } = options;

  const get = (principal: Principal, id: string) =>
    database.within(principal, async (tx) => orNotFound(await store.findConnection(tx, id), 'connection'));

  async function storeSecret(
    { id, organizationId, workspaceId, issuer }: store.SsoConnection,
    version: number,
    sealed: string,
  ): Promise<void> {
    const ref = { workspaceId, serverId: id, name: SINGLE_SIGN_ON_SECRET };
    await commands.send(toDefaultPool(workspaceId), {
      command: 'store_secret',
      ref,
      sealed,
      audience: singleSignOnAudience(organizationId, issuer),
      version,
      isUsed: true,
      overlapMs: 0,
    });
    // The replaced secret is no longer needed.
    if (version > 1) {
      await commands.send(toDefaultPool(workspaceId), {
        command: 'delete_secret',
        ref: { ...ref, version: version - 1 },
      });
    }
  }

  return {
    get,
    list: (principal, page) => database.within(principal, (tx) => store.listConnections(tx, page)),

    async create(principal, { sealed, ...request }) {
      refuseBeyondReach(principal, 'organization', request.defaultRole);
      const { organizationId, workspaceId } = principal;
      const secretVersion = sealed === undefined ? 0 : 1;
      const row = { ...request, id: newId('sso'), organizationId, workspaceId, secretVersion };
      if (sealed !== undefined) checkSealed(sealed, singleSignOnAudience(organizationId, request.issuer));
      return database
        .within(principal, async (tx) => {
          const connection = await store.insertConnection(tx, row);
          // The secret is stored last, so that nothing is stored if the connection is refused.
          if (sealed !== undefined) await storeSecret(connection, secretVersion, sealed);
          return connection;
        })
        .catch(refuseTaken);
    },

    async change(principal, id, { sealed, ...change }) {
      if (change.defaultRole !== undefined) refuseBeyondReach(principal, 'organization', change.defaultRole);
      const before = await get(principal, id);
      const secretVersion = before.secretVersion + (sealed === undefined ? 0 : 1);
      if (sealed !== undefined) checkSealed(sealed, singleSignOnAudience(before.organizationId, before.issuer));
      await database
        .within(principal, async (tx) => {
          await store.updateConnection(tx, before, { ...defined(change), secretVersion });
          if (sealed !== undefined) await storeSecret(before, secretVersion, sealed);
        })
        .catch(refuseTaken);
      return get(principal, id);
    },

    async remove(principal, id) {
      const { workspaceId, secretVersion } = await get(principal, id);
      await database.within(principal, (tx) => store.deleteConnection(tx, id));
      if (secretVersion === 0) return;
      const ref = { workspaceId, serverId: id, name: SINGLE_SIGN_ON_SECRET };
      await commands.send(toDefaultPool(workspaceId), { command: 'delete_secret', ref });
    },
  };
}

function defined({ clientId, domains, defaultRole, isEnforced }: SsoConnectionChange) {
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(domains === undefined ? {} : { domains }),
    ...(defaultRole === undefined ? {} : { defaultRole }),
    ...(isEnforced === undefined ? {} : { isEnforced }),
  };
}

const refuseTaken = refusingDuplicates('Another connection already has one of these domains');
