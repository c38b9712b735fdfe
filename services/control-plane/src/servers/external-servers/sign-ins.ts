import { AppError, finishedSignInSchema, startedAuthorizationSchema } from '@toolplane/contracts';
import { externalClientAudience } from '@toolplane/sealing';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import { type Commands, toServerPool } from '../../platform/commands/commands.ts';
import type { Database, Tenant, Transaction } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { checkSealed } from '../../platform/sealed.ts';
import { CALLBACK_PATH, createSignInState, hashOf } from '../../platform/sign-in-state.ts';
import { relistTools } from '../deployments/relist-tools.ts';
import { getLockedServer, getServer } from '../server-record.ts';
import { clientDocumentUrl } from './client-document.ts';
import type { RefreshAttached } from './refresh-attached.ts';
import * as signIns from './sign-in-store.ts';
import {
  type AttachedServer,
  type ExternalServerSignIn,
  findAttached,
  listAttached,
  NO_SIGN_IN,
  saveSignIn,
  toSignInRef,
} from './store.ts';

export type SignInRequest = {
  /**
   * A client that was registered by hand. If undefined, the client of the last sign-in is used, or else whatever the
   * authorization server offers.
   */
  client: { id: string; sealedSecret: string | undefined } | undefined;
  /** Scopes in addition to those that the external server requests. */
  scopes: readonly string[];
};

/** Sign-ins of the platform to external servers, by people in their browser. Only the data plane sees a token. */
export type ExternalSignIns = {
  start(
    principal: Principal,
    idOrSlug: string,
    name: string,
    request: SignInRequest,
  ): Promise<{ authorizationUrl: string; expiresAt: string }>;
  /** Whether a sign-in to an external server was started with this state. */
  has(state: string): Promise<boolean>;
  /** Completes the sign-in of a browser that returns with this state, once. `issuer` is the issuer that answered. */
  finish(state: string, code: string, issuer: string | undefined): Promise<void>;
  /** Cancels the sign-in: nobody can return with this state any more. */
  giveUp(state: string): Promise<void>;
  /** Signs out: from then on, calls carry no token, and none is stored. */
  signOut(principal: Principal, idOrSlug: string, name: string): Promise<void>;
  sweep(): Promise<void>;
};

export function createExternalSignIns(options: {
  database: Database;
  commands: Commands;
  changes: ChangeNotices;
  refresh: RefreshAttached['refresh'];
  publicUrl: string;
}): ExternalSignIns {
  const { database, commands, changes, refresh, publicUrl } = options;

  const find = (principal: Principal, idOrSlug: string, name: string) =>
    database.within(principal, async (tx) => {
      const { id, pool } = await getServer(tx, idOrSlug);
      const attached = orNotFound(
        (await listAttached(tx, id)).find((each) => each.name === name),
        'external server',
      );
      return { ...attached, pool };
    });

  /** Locks the server. Rejects with `not_found` if the external server is no longer attached, or has another URL. */
  async function getLocked(tx: Transaction, { id, serverId, url }: Place): Promise<AttachedServer> {
    await getLockedServer(tx, serverId);
    const attached = await findAttached(tx, id);
    return orNotFound(attached?.url === url ? attached : undefined, 'external server');
  }

  /**
   * Saves the result of a sign-in or sign-out. It changes the plans, and may make the declarations of the server
   * visible for the first time.
   */
  async function settle(tenant: Tenant, place: Place, signIn: ExternalServerSignIn): Promise<void> {
    const { id, serverId } = place;
    await database.within(tenant, async (tx) => {
      await getLocked(tx, place);
      await saveSignIn(tx, id, signIn);
      await relistTools(tx, serverId);
      await changes.markServerUnpublished(tx, serverId);
    });
    // If the server cannot be checked now, it becomes due.
    await refresh({ id, serverId, tenant }).catch(() => undefined);
    await changes.notify('server.changed', serverId);
  }

  const forget = ({ workspaceId, id, pool }: Pick<AttachedServer, 'workspaceId' | 'id'> & { pool: string | null }) =>
    commands.send(
      { tenant: workspaceId, pool },
      { command: 'delete_credential', ref: toSignInRef({ workspaceId, id }) },
    );

  return {
    async start(principal, idOrSlug, name, { client, scopes }) {
      const attached = await find(principal, idOrSlug, name);
      refuseClient(principal, client, externalClientAudience(toSignInRef(attached)));
      const { id: externalServerId, workspaceId, serverId, url, transport } = attached;
      const { state, stateHash, expiresAt } = createSignInState();
      const metadataUrl = clientDocumentUrl(publicUrl);
      const started = startedAuthorizationSchema.parse(
        await commands.send(toServerPool(attached), {
          command: 'start_external_sign_in',
          ref: toSignInRef(attached),
          url,
          state,
          scopes: [...scopes],
          ...(transport !== null && { transport }),
          redirectUri: `${publicUrl}${CALLBACK_PATH}`,
          ...(metadataUrl !== undefined && { clientMetadataUrl: metadataUrl }),
          ...(client !== undefined && { clientId: client.id }),
          ...(client?.sealedSecret !== undefined && { sealedClientSecret: client.sealedSecret }),
        }),
      );
      const { session } = started;
      await database.within(principal, async (tx) => {
        const { signedInAt, signInIssuer, signInScope } = await getLocked(tx, attached);
        await saveSignIn(tx, externalServerId, { signedInAt, signInIssuer, signInScope, mayHoldTokens: true });
        const place = { workspaceId, serverId, externalServerId, url };
        await signIns.insertSignIn(tx, { ...place, stateHash, session, expiresAt });
      });
      return { authorizationUrl: started.url, expiresAt: expiresAt.toISOString() };
    },

    has: (state) => database.asPlatform((tx) => signIns.hasSignIn(tx, hashOf(state))),

    async finish(state, code, issuer) {
      const taken = orNotFound(await database.asPlatform((tx) => signIns.takeSignIn(tx, hashOf(state))));
      const { tenant, workspaceId, serverId, externalServerId: id, url, session } = taken;
      const { pool } = await database.within(tenant, (tx) => getServer(tx, serverId));
      const finished = finishedSignInSchema.parse(
        await commands.send(
          { tenant: workspaceId, pool },
          {
            command: 'finish_external_sign_in',
            ref: toSignInRef({ workspaceId, id }),
            url,
            session,
            code,
            ...(issuer !== undefined && { iss: issuer }),
          },
        ),
      );
      const given = { signInIssuer: finished.issuer ?? null, signInScope: finished.scope ?? null };
      const signIn = { ...given, signedInAt: new Date(), mayHoldTokens: true };
      try {
        await settle(tenant, { id, serverId, url }, signIn);
      } catch (error) {
        // The external server was removed in the meantime, and the removal does not know of these tokens.
        if (error instanceof AppError && error.code === 'not_found') await forget({ workspaceId, id, pool });
        throw error;
      }
    },

    async giveUp(state) {
      orNotFound(await database.asPlatform((tx) => signIns.takeSignIn(tx, hashOf(state))));
    },

    async signOut(principal, idOrSlug, name) {
      const attached = await find(principal, idOrSlug, name);
      if (!attached.mayHoldTokens) throw new AppError('not_found', `Nobody has signed in to ${name}`);
      await forget(attached);
      // A sign-in in progress may still complete, so tokens may exist again.
      await settle(principal, attached, { ...NO_SIGN_IN, mayHoldTokens: true });
    },

    sweep: () => database.asPlatform(signIns.deleteExpiredSignIns),
  };
}

type Place = Pick<AttachedServer, 'id' | 'serverId' | 'url'>;

function refuseClient({ permissions }: Principal, client: SignInRequest['client'], audience: string): void {
  if (client?.sealedSecret === undefined) return;
  if (!permissions.includes('secrets:write')) {
    throw new AppError(
      'forbidden',
      'A client secret is stored as a secret, which requires the permission secrets:write',
    );
  }
  checkSealed(client.sealedSecret, audience, 'body.client.secret.sealed');
}
