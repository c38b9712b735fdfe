import { AppError, type SignedOn, signedOnSchema, startedSingleSignOnSchema } from '@toolplane/contracts';
import type { Audit } from '../../platform/audit/audit.ts';
import { type Commands, toDefaultPool } from '../../platform/commands/commands.ts';
import type { Database } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Joining } from '../invitations/invitations.ts';
import type { OpenedSession, Session, SessionOrigin, Sessions } from '../sign-in/sessions.ts';
import type { SignInNotes } from '../sign-in/sign-in-notes.ts';
import type { Throttle } from '../sign-in/throttle.ts';
import { hashOfToken, newToken } from '../sign-in/tokens.ts';
import { findPersonOf, refuseKnown } from './find-person.ts';
import * as store from './store.ts';

export const SSO_CALLBACK_PATH = '/sign-in/sso/callback';
/** The time that somebody may take to sign in at the issuer. */
export const SSO_SECONDS = 600;

export type SingleSignOn = {
  /** The connection with which people of a domain sign in. Undefined if the domain has none. */
  find(domain: string): Promise<{ issuerHost: string; isEnforced: boolean } | undefined>;
  /** `browser` is the value for a cookie of the browser, and may be used nowhere else. */
  start(
    request: { email: string; returnTo: string },
    origin: SessionOrigin,
  ): Promise<{ authorizationUrl: string; browser: string }>;
  /** Works once, in the browser that started the sign-in, and in time. Otherwise, rejects with `not_found`. */
  finish(
    answer: { state: string; code: string; iss?: string | undefined },
    by: { browser: string; origin: SessionOrigin; before: Session | undefined },
  ): Promise<OpenedSession & { returnTo: string }>;
  giveUp(state: string, by: { browser: string; address: string }): Promise<void>;
  sweep(): Promise<void>;
};

export function createSingleSignOn(options: {
  database: Database;
  commands: Commands;
  sessions: Pick<Sessions, 'open'>;
  throttle: Throttle;
  notes: SignInNotes;
  audit: Pick<Audit, 'record'>;
  onJoin: Joining;
  publicUrl: string;
}): SingleSignOn {
  const { database, commands, sessions, throttle, notes, audit, onJoin, publicUrl } = options;

  const take = (state: string, browser: string) =>
    database.asPlatform(async (tx) => {
      const hashes = { stateHash: hashOfToken(state), browserHash: hashOfToken(browser) };
      const signIn = orNotFound(await store.takeSignIn(tx, hashes), 'sign-in');
      return { ...signIn, connection: orNotFound(await store.findConnection(tx, signIn.connectionId), 'sign-in') };
    });

  async function open(
    connection: store.SsoConnection,
    said: SignedOn,
    by: { origin: SessionOrigin; before: Session | undefined },
  ) {
    const { before, origin } = by;
    const opened = await database
      .asPlatform(async (tx) => {
        const { person, isNewHere } = await findPersonOf(tx, connection, said);
        const rest = before === undefined ? {} : { before };
        return { person, isNewHere, ...(await sessions.open(tx, { person, origin, isHalf: false, ...rest })) };
      })
      .catch(refuseKnown);
    const { person, isNewHere, ...rest } = opened;
    const { organizationId } = connection;
    if (isNewHere) await onJoin({ personId: person.id, organizationId, workspaceId: null });
    await notes.note(person.id, 'sign-in.sso', 'done', origin.address);
    return rest;
  }

  /** Records a failed sign-in, unless the platform is at fault. */
  async function noteFailure({ id, organizationId }: store.SsoConnection, address: string, error: unknown) {
    if (!(error instanceof AppError) || error.code === 'internal' || error.code === 'config_unavailable') return;
    // The message comes from the control plane or the data plane, and quotes nothing that an issuer sent.
    const details = { problem: error.message };
    const about = { action: 'sign-in.sso', outcome: error.code, target: { connection: id }, details };
    const actor = { kind: 'anonymous', id: '' } as const;
    await audit.record(organizationId, { kind: 'event', actor, address, ...about });
  }

  return {
    async find(domain) {
      const found = await database.asPlatform((tx) => store.findConnectionFor(tx, domain));
      return found && { issuerHost: new URL(found.issuer).host, isEnforced: found.isEnforced };
    },

    async start({ email, returnTo }, { address }) {
      // Not counted with passwords: signing in with an issuer proves nothing about the address that was entered here.
      const account = `single sign-on of ${email}`;
      await throttle.admit(account, address);
      const connection = orNotFound(
        await database.asPlatform((tx) => store.findConnectionFor(tx, email)),
        'single sign-on for this address',
      );
      const { id: connectionId, workspaceId, issuer, clientId, secretVersion } = connection;
      const [state, browser] = [newToken(), newToken()];
      const command = 'start_single_sign_on';
      const hasSecret = secretVersion > 0;
      const redirectUri = `${publicUrl}${SSO_CALLBACK_PATH}`;
      const asked = {
        command,
        ref: { workspaceId, connectionId },
        issuer,
        clientId,
        state,
        hasSecret,
        redirectUri,
      } as const;
      const answer = await commands.send(toDefaultPool(workspaceId), asked).catch(async (error: unknown) => {
        await noteFailure(connection, address, error);
        throw error;
      });
      const { authorizationUrl, session } = startedSingleSignOnSchema.parse(answer);
      const hashes = { stateHash: hashOfToken(state), browserHash: hashOfToken(browser) };
      const expiresAt = new Date(Date.now() + SSO_SECONDS * 1000);
      await database.asPlatform((tx) =>
        store.insertSignIn(tx, { ...hashes, connectionId, session, account, returnTo, expiresAt }),
      );
      return { authorizationUrl, browser };
    },

    async finish({ state, code, iss }, { browser, ...by }) {
      const { connection, session, account, returnTo } = await take(state, browser);
      const { id: connectionId, workspaceId } = connection;
      try {
        const answer = await commands.send(toDefaultPool(workspaceId), {
          command: 'finish_single_sign_on',
          ref: { workspaceId, connectionId },
          session,
          code,
          ...(iss === undefined ? {} : { iss }),
        });
        const opened = await open(connection, signedOnSchema.parse(answer), by);
        await throttle.noteSuccess(account, by.origin.address);
        return { ...opened, returnTo };
      } catch (error) {
        await noteFailure(connection, by.origin.address, error);
        throw error;
      }
    },

    async giveUp(state, { browser, address }) {
      const { connection } = await take(state, browser);
      await noteFailure(connection, address, new AppError('credentials_refused', 'The issuer refused the sign-in'));
    },

    sweep: () => database.asPlatform(store.deleteExpiredSignIns),
  };
}
