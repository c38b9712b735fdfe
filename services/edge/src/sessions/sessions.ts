import type { EdgeStore, SessionState } from '@toolplane/bus';
import { AppError } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import { LRUCache } from 'lru-cache';
import { createSessionId, isTooOld, type McpSession, readSessionId, type SessionOwner } from './session-id.ts';

const OPENED_MAX = 10_000;

export type LiveSession = { session: McpSession; state: SessionState };

/** Returns the protocol version of the handshake, whatever a later request states. */
export function agreedVersion({ session, state }: LiveSession): string {
  return state.protocolVersion ?? session.protocolVersion;
}

export type McpSessions = {
  create(owner: SessionOwner, session: Parameters<typeof createSessionId>[2]): string;
  /**
   * Finds the session that a client names. A session that has ended, is too old, or belongs to somebody else is
   * `not_found` in each case, so that the client starts a new one (MCP 2025-11-25, session management).
   */
  find(owner: SessionOwner, id: string): Promise<LiveSession>;
  /** Finds a session without waiting, for the hot path; returns undefined if it has to be looked up. */
  peek(owner: SessionOwner, id: string): LiveSession | undefined;
};

export function createSessions(cipher: CallCipher, store: EdgeStore): McpSessions {
  /** The sessions in use, each deciphered once. */
  const opened = new LRUCache<string, { session: McpSession; owner: SessionOwner }>({ max: OPENED_MAX });

  function open(owner: SessionOwner, id: string): McpSession | undefined {
    const known = opened.get(id);
    if (known !== undefined) {
      const isOwner = known.owner.serverId === owner.serverId && known.owner.principalId === owner.principalId;
      return isOwner && !isTooOld(known.session) ? known.session : undefined;
    }
    const session = readSessionId(cipher, owner, id);
    if (session !== undefined) opened.set(id, { session, owner });
    return session;
  }

  return {
    create: (owner, session) => createSessionId(cipher, owner, session),
    async find(owner, id) {
      const session = open(owner, id);
      const state = session && (store.peekSession(id) ?? (await store.getSession(id)));
      if (session === undefined || state === undefined || state.isEnded) {
        throw new AppError('not_found', 'There is no such session; initialize a new one');
      }
      return { session, state };
    },
    peek(owner, id) {
      const state = store.peekSession(id);
      const session = state && open(owner, id);
      return session === undefined || state === undefined || state.isEnded ? undefined : { session, state };
    },
  };
}
