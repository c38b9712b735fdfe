import { randomBytes } from 'node:crypto';
import type { DebugStreamReader } from '@toolplane/bus';
import { AppError, DEBUG_TOKEN_BYTES, type DebugEnvironment, formatDebugToken } from '@toolplane/contracts';
import { hashDebugToken, isDebugTokenOf } from '@toolplane/sealing';
import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import { findOrganizationsOf } from '../../identity/workspaces/workspaces.ts';
import type { Audit } from '../../platform/audit/audit.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Actor, Principal } from '../../platform/principals/principal.ts';
import { listSecretHosts } from '../../servers/secrets/secret-hosts.ts';
import { getLockedServer, getServer, refuseSharedServer } from '../../servers/server-record.ts';
import { checkEnvironment } from './check-environment.ts';
import { createFollowing, type Following } from './following.ts';
import { mayStillDebug } from './may-still-debug.ts';
import * as store from './store.ts';

export type { DebugSession } from './store.ts';

/** Identifies a debug session, with the proof that it belongs to the principal. */
export type DebugPlace = {
  server: string;
  sessionId: string;
  /** The header `Authorization`. */
  authorization: string | undefined;
};

/**
 * Lets one person or key see for a limited time what the runs of a server's tools do. None of that data is stored
 * permanently.
 */
export type DebugSessions = {
  /**
   * Opens a session and returns its token, which is shown only once. A server can have only one session at a time:
   * `conflict` says who has opened it. A server that runs in a pool cannot have a session.
   */
  open(
    principal: Principal,
    server: string,
    request: { minutes: number; environment: DebugEnvironment | null },
  ): Promise<{ session: store.DebugSession; token: string }>;
  list(principal: Principal, server: string, page: PageRequest): Promise<ListPage<store.DebugSession>>;
  get(principal: Principal, server: string, sessionId: string): Promise<store.DebugSession>;
  /**
   * Only the person or key that opened the session, or somebody who manages members, may end it. Ending an ended
   * session has no effect.
   */
  end(principal: Principal, server: string, sessionId: string): Promise<store.DebugSession>;
  /** Returns the session to the person or key that opened it and has its token. Nobody else sees its calls. */
  admit(principal: Principal, place: DebugPlace): Promise<store.DebugSession>;
  /** The events of sessions, for a principal that `admit` accepts. */
  following: Following;
  /** Ends expired sessions, and deletes the data of ended ones from Redis. */
  sweep(): Promise<void>;
  /** Ends sessions whose opener has lost the permission, or whose server was deleted or moved to a pool. */
  endLost(): Promise<void>;
  /** Deletes sessions that ended long ago. */
  forgetOld(): Promise<void>;
};

const ENDED_KEPT_MS = 400 * 24 * 60 * 60 * 1000;

export function createDebugSessions(options: {
  database: Database;
  changes: ChangeNotices;
  streams: DebugStreamReader;
  audit: Pick<Audit, 'record'>;
}): DebugSessions {
  const { database, changes, streams, audit } = options;

  const reload = ({ serverId, id }: store.DebugSession) =>
    database.asPlatform((tx) => store.findSession(tx, { serverId, id }));
  const following = createFollowing({ streams, reload });

  const getSession = (principal: Principal, server: string, id: string) =>
    database.within(principal, async (tx) => {
      const { id: serverId } = await getServer(tx, server);
      return orNotFound(await store.findSession(tx, { serverId, id }), 'debug session');
    });

  /** Notifies the edges, then deletes the data in Redis. */
  async function settle({ id, serverId }: store.DebugSession): Promise<void> {
    await changes.notify('server.changed', serverId);
    await streams.end(id);
    await database.asPlatform((tx) => store.markCleared(tx, id));
  }

  async function endAndSettle(session: store.DebugSession, reason: store.EndReason): Promise<void> {
    const at = reason === 'expired' ? session.expiresAt : new Date();
    const isEnded = await database.asPlatform(async (tx) => {
      const isOurs = await store.markEnded(tx, session.id, { at, by: null, reason });
      if (isOurs) await changes.markServerUnpublished(tx, session.serverId);
      return isOurs;
    });
    if (isEnded) await recordEnd(session, reason);
    await settle(session);
  }

  async function recordEnd({ id, workspaceId, serverId }: store.DebugSession, reason: store.EndReason): Promise<void> {
    const organizations = await database.asPlatform((tx) => findOrganizationsOf(tx, [workspaceId]));
    const organizationId = organizations.get(workspaceId);
    if (organizationId === undefined) return;
    await audit.record(organizationId, {
      kind: 'event',
      requestId: `${id}.ended`,
      workspaceId,
      actor: { kind: 'platform', id: 'control-plane' },
      action: 'debug-session.end',
      target: { id: serverId, sessionId: id },
      outcome: 'done',
      details: { reason },
    });
  }

  async function findLoss(tx: Transaction, session: store.DebugSession): Promise<store.EndReason | undefined> {
    const server = await store.findWhereRun(tx, session.serverId);
    if (server === undefined) return 'server_deleted';
    if (server.pool !== null) return 'server_moved';
    return (await mayStillDebug(tx, session)) ? undefined : 'revoked';
  }

  return {
    async open(principal, idOrSlug, { minutes, environment }) {
      if (principal.addresses !== undefined) {
        throw new AppError(
          'forbidden',
          "A key restricted to addresses cannot open a debug session, because the session's token works from any address",
        );
      }
      if (!principal.permissions.includes('tools:call')) {
        throw new AppError('forbidden', 'Opening a debug session requires tools:call, because its token calls tools');
      }
      const token = formatDebugToken(randomBytes(DEBUG_TOKEN_BYTES));
      const session = await database.within(principal, async (tx) => {
        const { id: serverId } = await getServer(tx, idOrSlug);
        const locked = await getLockedServer(tx, serverId);
        refuseSharedServer(locked, principal);
        if (locked.pool !== null) throw inPool(locked.pool);
        if (environment !== null) {
          const names = (await listSecretHosts(tx, serverId)).map(({ name }) => name);
          checkEnvironment(environment, names);
        }
        const present = await store.findUnended(tx, serverId);
        if (present !== undefined && !isOver(present)) throw takenBy(present);
        if (present !== undefined) {
          await store.markEnded(tx, present.id, { at: present.expiresAt, by: null, reason: 'expired' });
        }
        const openedAt = new Date();
        const { workspaceId, actor: openedBy, mayAssertUser } = principal;
        const opened = await store.insertSession(tx, {
          id: newId('dbg'),
          workspaceId,
          serverId,
          tokenHash: hashDebugToken(token),
          environment,
          openedBy,
          mayAssertUser,
          openedAt,
          expiresAt: new Date(openedAt.getTime() + minutes * 60_000),
        });
        await changes.markServerUnpublished(tx, serverId);
        return opened;
      });
      await changes.notify('server.changed', session.serverId);
      return { session, token };
    },

    list: (principal, idOrSlug, page) =>
      database.within(principal, async (tx) => {
        const { id: serverId } = await getServer(tx, idOrSlug);
        const { items, total } = await store.listSessions(tx, { serverId, ...page });
        return { items: items.map(asItIs), total };
      }),

    get: async (principal, server, id) => asItIs(await getSession(principal, server, id)),

    async end(principal, idOrSlug, id) {
      const before = await getSession(principal, idOrSlug, id);
      if (!isOpener(principal, before) && !principal.permissions.includes('members:write')) {
        throw new AppError(
          'forbidden',
          'Only the person or key that opened a debug session, or somebody with members:write, can end it',
        );
      }
      if (before.endedAt !== null || isOver(before)) return asItIs(before);
      await database.within(principal, async (tx) => {
        await store.markEnded(tx, id, { at: new Date(), by: principal.actor, reason: 'stopped' });
        await changes.markServerUnpublished(tx, before.serverId);
      });
      // If this fails now, the sweep will do it later.
      await settle(before).catch(() => undefined);
      return getSession(principal, idOrSlug, id);
    },

    async admit(principal, { server, sessionId, authorization }) {
      const session = await getSession(principal, server, sessionId);
      if (!isOpener(principal, session)) {
        throw new AppError('forbidden', 'Only the person or key that opened the debug session can see its calls');
      }
      const token = /^Token +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
      if (!isDebugTokenOf(token, session.tokenHash)) {
        throw new AppError('unauthenticated', 'The token of the debug session is required: send Authorization: Token');
      }
      return asItIs(session);
    },

    following,

    async sweep() {
      for (const session of await database.asPlatform(store.listUncleared)) {
        await (session.endedAt === null ? endAndSettle(session, 'expired') : settle(session));
      }
    },

    async endLost() {
      for (const session of await database.asPlatform(store.listOpen)) {
        const reason = await database.asPlatform((tx) => findLoss(tx, session));
        if (reason !== undefined) await endAndSettle(session, reason);
      }
    },

    forgetOld: () => database.asPlatform((tx) => store.deleteEndedBefore(tx, new Date(Date.now() - ENDED_KEPT_MS))),
  };
}

function isOver({ expiresAt }: store.DebugSession): boolean {
  return expiresAt.getTime() <= Date.now();
}

/** An expired session counts as ended, even if the sweep has not processed it yet. */
function asItIs(session: store.DebugSession): store.DebugSession {
  if (session.endedAt !== null || !isOver(session)) return session;
  return { ...session, endedAt: session.expiresAt, endReason: 'expired' };
}

function isOpener({ actor }: Principal, { openedBy }: store.DebugSession): boolean {
  return idOf(actor) === idOf(openedBy);
}

function idOf(actor: Actor): string {
  return actor.kind === 'key' ? `key ${actor.keyId}` : `person ${actor.personId}`;
}

/** Runs in a pool are sealed with the keys of the pool, and none of their data may be sent to the control plane. */
function inPool(pool: string): AppError {
  const message = `The server runs in the pool ${pool}: debug sessions are available only for servers of the default pool`;
  return new AppError('conflict', message);
}

function takenBy({ id, openedBy, expiresAt }: store.DebugSession): AppError {
  const message = `The debug session ${id} of the ${idOf(openedBy)} is open until ${expiresAt.toISOString()}`;
  return new AppError('conflict', message);
}
