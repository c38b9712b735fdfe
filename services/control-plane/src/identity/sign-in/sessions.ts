import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import type { ClientAddress } from '@toolplane/service-kit';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { createCookie } from '../../platform/pages/cookie.ts';
import { createWrongCredentialLimit } from '../../platform/principals/wrong-credentials.ts';
import { noteSignIn, type Person } from '../people/people.ts';
import { csrfTokenOf, refuseForgery, refuseOtherSites } from './forgery.ts';
import * as store from './session-store.ts';
import { hashOfToken, newToken } from './tokens.ts';

export { listSessions, type ShownSession, setChallenge } from './session-store.ts';

/** Counted from the sign-in, regardless of later activity. */
const SESSION_SECONDS = 12 * 60 * 60;
/** Long enough to find one's phone. */
const HALF_SESSION_MS = 10 * 60_000;
/** The time of the last use need not be exact, so it is written at most once a minute. */
const LAST_SEEN_MS = 60_000;
const USER_AGENT_LENGTH_MAX = 200;

/** Where a session was started, as shown to its owner. */
export type SessionOrigin = { address: string; userAgent: string };

/** A browser with a session, or with a half-open one for which only the second factor is accepted. */
export type Session = { id: string; person: Person; state: 'half' | 'open'; token: string; challenge: string | null };

export type OpenedSession = { sessionId: string; setCookie: string; csrfToken: string };

export type Sessions = {
  /**
   * Undefined if the browser has no session. Throws `rate_limited` after too many wrong cookies. Requests that change
   * something must use `admit`.
   */
  find(req: IncomingMessage): Promise<Session | undefined>;
  /** The person who is signed in. Undefined without an open session. */
  findPerson(req: IncomingMessage): Promise<Person | undefined>;
  /** Admits requests from our own pages. Throws 401 without an open session, and 403 for another site. */
  admit(req: IncomingMessage): Promise<Session>;
  /** Does the same for sessions that wait for the second factor. */
  admitHalf(req: IncomingMessage): Promise<Session>;
  /** Throws 403 for another site, with or without a session. */
  refuseOtherSites(req: IncomingMessage): void;
  hasCookie(req: IncomingMessage): boolean;
  originOf(req: IncomingMessage): SessionOrigin;
  /** Opens a session in the transaction that has verified the person. The previous session becomes invalid. */
  open(
    tx: Transaction,
    options: { person: Person; origin: SessionOrigin; isHalf: boolean; before?: Session },
  ): Promise<OpenedSession>;
  end(session: Session): Promise<{ setCookie: string }>;
  sweep(): Promise<void>;
};

export function createSessions(options: { database: Database; publicUrl: string; addressOf: ClientAddress }): Sessions {
  const { database, publicUrl, addressOf } = options;
  const isSecure = publicUrl.startsWith('https:');
  const cookie = createCookie({ name: 'toolplane-session', maxAgeSeconds: SESSION_SECONDS, isSecure });

  const limitWrong = createWrongCredentialLimit('session cookies');

  async function find(req: IncomingMessage): Promise<Session | undefined> {
    const token = cookie.read(req);
    return token === undefined ? undefined : limitWrong(token, addressOf(req), () => findByToken(token));
  }

  function findByToken(token: string): Promise<Session | undefined> {
    return database.asPlatform(async (tx) => {
      const found = await store.findSession(tx, hashOfToken(token));
      if (found === undefined) return undefined;
      const { id, person, state, challenge, lastSeenAt } = found;
      if (Date.now() - lastSeenAt.getTime() > LAST_SEEN_MS) await store.touchSession(tx, id);
      return { id, person, state, challenge, token };
    });
  }

  async function admitIn(state: Session['state'], req: IncomingMessage): Promise<Session> {
    const session = await find(req);
    if (session !== undefined && req.method !== 'GET') refuseForgery(req, publicUrl, session.token);
    if (session?.state !== state) throw new AppError('unauthenticated', 'You are not signed in');
    return session;
  }

  return {
    find,
    async findPerson(req) {
      const session = await find(req);
      return session?.state === 'open' ? session.person : undefined;
    },
    admit: (req) => admitIn('open', req),
    admitHalf: (req) => admitIn('half', req),
    refuseOtherSites: (req) => refuseOtherSites(req, publicUrl),
    hasCookie: (req) => cookie.read(req) !== undefined,
    originOf: (req) => ({ address: addressOf(req), userAgent: req.headers['user-agent'] ?? '' }),

    async open(tx, { person, origin, isHalf, before }) {
      const token = newToken();
      const id = newId('ses');
      if (before !== undefined) await store.deleteSession(tx, { id: before.id, personId: before.person.id });
      await store.insertSession(tx, {
        id,
        tokenHash: hashOfToken(token),
        personId: person.id,
        state: isHalf ? 'half' : 'open',
        address: origin.address,
        userAgent: origin.userAgent.slice(0, USER_AGENT_LENGTH_MAX),
        expiresAt: new Date(Date.now() + (isHalf ? HALF_SESSION_MS : SESSION_SECONDS * 1000)),
      });
      if (!isHalf) await noteSignIn(tx, person.id);
      return { sessionId: id, setCookie: cookie.set(token), csrfToken: csrfTokenOf(token) };
    },

    async end({ id, person }) {
      await database.asPlatform((tx) => store.deleteSession(tx, { id, personId: person.id }));
      return { setCookie: cookie.clear() };
    },

    sweep: () => database.asPlatform(store.deleteExpiredSessions),
  };
}
