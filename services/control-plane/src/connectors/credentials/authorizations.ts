import { AppError, type CredentialRef, startedAuthorizationSchema } from '@toolplane/contracts';
import type { Person } from '../../identity/people/people.ts';
import type { Commands } from '../../platform/commands/commands.ts';
import type { Database } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { CALLBACK_PATH, createSignInState, hashOf } from '../../platform/sign-in-state.ts';
import { checkOpener } from '../connect-links/check-opener.ts';
import type { UsedLinks } from '../connect-links/used-links.ts';
import {
  getInstance,
  getRunningVersion,
  homeOf,
  type Instance,
  ownerIdOf,
  toInstancePool,
} from '../instances/connector-instances.ts';
import { type CredentialRequest, idOfActor, readUser, refuseWriting, toCredentialRef } from './credential-subject.ts';
import { fillUrl } from './fill-url.ts';
import { refuseUnknownAgent } from './refuse-unknown-agent.ts';
import * as store from './store.ts';
import type { CredentialWriter, Writing } from './write-credential.ts';

/** Sign-ins of people in their browsers. Codes are passed to the data plane, which alone sees tokens. */
export type Authorizations = {
  start(principal: Principal, instanceId: string, request: CredentialRequest): Promise<StartedSignIn>;
  /**
   * Starts a sign-in with a connect link. The link is used up when the sign-in succeeds. It must end in the browser in
   * which it was started, and the person there must still be allowed to open the link at that moment.
   */
  startWithLink(instance: Instance, ref: CredentialRef, bound: BoundSignIn): Promise<StartedSignIn>;
  /** Completes the sign-in of a browser that returns with this state, once. */
  finish(state: string, code: string, from: ReturningBrowser): Promise<void>;
  /** Ends the sign-in, so that no browser can return with this state any more. */
  giveUp(state: string): Promise<void>;
};

/** `cookie` identifies the browser; `person` is the person signed in to the platform there. */
export type ReturningBrowser = { cookie: string | undefined; person: Person | undefined };

export type StartedSignIn = { authorizationUrl: string; expiresAt: string };

export type BoundSignIn = { linkHash: string; browser: string; replacesFor: string | undefined };

export function createAuthorizations(options: {
  database: Database;
  commands: Commands;
  writer: CredentialWriter;
  usedLinks: Pick<UsedLinks, 'use'>;
  /** The base URL under which browsers reach the REST API. */
  publicUrl: string;
}): Authorizations {
  const { database, commands, writer, usedLinks, publicUrl } = options;

  /** Reads the authorization settings from the version that the instance runs. */
  async function readAuthorization(instance: Instance, ref: CredentialRef) {
    const { authType, configuration } = instance;
    const { summary } = await database.within(homeOf(instance), (tx) => getRunningVersion(tx, instance));
    const found = summary.authentication.find(({ id }) => id === authType);
    const { authorization_url, token_url, scopes = [], client_auth = 'basic' } = found ?? {};
    if (authorization_url === undefined || token_url === undefined) {
      throw new AppError('conflict', 'The instance does not use authentication of the type oauth2_authorization_code');
    }
    const fill = (url: string) => fillUrl(url, configuration, summary.metadata.configuration);
    return {
      authenticationId: authType,
      workspaceId: clientOwnerOf(instance, ref),
      scopes,
      clientAuth: client_auth,
      authorizationUrl: fill(authorization_url),
      tokenUrl: fill(token_url),
      redirectUri: `${publicUrl}${CALLBACK_PATH}`,
    };
  }

  async function start(
    instance: Instance,
    ref: CredentialRef,
    bound: BoundSignIn | { replacesFor: string },
  ): Promise<StartedSignIn> {
    const authorization = await readAuthorization(instance, ref);
    const { state, stateHash, expiresAt } = createSignInState();
    const started = startedAuthorizationSchema.parse(
      await commands.send(toInstancePool(instance), { command: 'start_authorization', ref, authorization, state }),
    );
    const { scope, subject = '', instanceId } = ref;
    const { session } = started;
    await database.within(homeOf(instance), async (tx) => {
      // The instance may have been deleted in the meantime.
      await getInstance(tx, instanceId);
      await store.insertAuthorization(tx, instance, {
        stateHash,
        instanceId,
        scope,
        subject,
        session,
        expiresAt,
        replacesFor: bound.replacesFor ?? null,
        linkHash: 'linkHash' in bound ? bound.linkHash : null,
        browserHash: 'browser' in bound ? hashOf(bound.browser) : null,
      });
    });
    return { authorizationUrl: started.url, expiresAt: expiresAt.toISOString() };
  }

  return {
    async start(principal, instanceId, request) {
      const instance = await database.within(principal, (tx) => getInstance(tx, instanceId));
      const ref = toCredentialRef(principal, instance, request);
      refuseWriting(principal, instance, request.scope);
      await refuseUnknownAgent(database, instance, request);
      return start(instance, ref, { replacesFor: idOfActor(principal) });
    },

    startWithLink: start,

    async finish(state, code, { cookie = '', person }) {
      const taken = await database.asPlatform((tx) => store.takeAuthorization(tx, hashOf(state)));
      const { home, instanceId, session, linkHash, browserHash, expiresAt, ...whose } = orNotFound(taken);
      const replacesFor = whose.replacesFor ?? undefined;
      // Without this check, a person who was sent here by somebody else would connect their own account for that
      // person.
      if (browserHash !== null && browserHash !== hashOf(cookie)) {
        throw new AppError('forbidden', 'The sign-in was started in another browser');
      }
      const instance = await database.within(home, (tx) => getInstance(tx, instanceId));
      const ref = toRef(instance, whose);
      const command = { command: 'finish_authorization', ref, session, code } as const;
      const write = (writing: Writing) => writer.write(instance, ref, instance.authType, command, writing);
      // Until every process stores `replacesFor`, a sign-in that was started over the REST API may replace existing
      // credentials.
      if (linkHash === null) {
        const { scope, subject } = whose;
        const username = scope === 'user' ? readUser(instance, subject).username : subject;
        const link = { workspaceId: clientOwnerOf(instance, ref), scope, username, person };
        return void (await write({ replacesFor: replacesFor ?? 'unknown', link }));
      }
      const { tenant, username } = readUser(instance, whose.subject);
      await checkOpener(database, tenant, { username, person });
      const { workspaceId } = tenant;
      const link = { workspaceId, username, person };
      await usedLinks.use({ linkHash, workspaceId, expiresAt }, () => write({ replacesFor, link }));
    },

    async giveUp(state) {
      orNotFound(await database.asPlatform((tx) => store.takeAuthorization(tx, hashOf(state))));
    },
  };
}

/**
 * Returns the owner of the OAuth client. A workspace and its users sign in with the client of their own workspace or of
 * the organization, never with that of another workspace.
 */
function clientOwnerOf(instance: Instance, { scope, subject = '' }: CredentialRef): string {
  if (scope === 'workspace' && subject !== '') return subject;
  return scope === 'user' ? readUser(instance, subject).tenant.workspaceId : instance.homeWorkspaceId;
}

function toRef(
  instance: Instance,
  { scope, subject }: Pick<store.PendingAuthorization, 'scope' | 'subject'>,
): CredentialRef {
  const ref = { ownerId: ownerIdOf(instance), instanceId: instance.id, scope };
  return subject === '' ? ref : { ...ref, subject };
}
