import { setTimeout as delay } from 'node:timers/promises';
import type { DebugStreamReader } from '@toolplane/bus';
import { AppError, type DebugCallEvent, type DebugEvent } from '@toolplane/contracts';
import type { ServerSentEvent } from '@toolplane/service-kit/http';
import type { DebugSession } from './store.ts';

/**
 * Sends the events of sessions to their followers. Throws `rate_limited` if there are too many concurrent followers.
 */
export type Following = {
  /** Streams events from the one after this id, or from the first one, until the session ends with the event `end`. */
  follow(
    session: DebugSession,
    lastEventId: string | undefined,
  ): (signal: AbortSignal) => AsyncGenerator<ServerSentEvent>;
  /** Returns all existing events, oldest first. */
  readAll(session: DebugSession): Promise<DebugEvent[]>;
  readCall(session: DebugSession, callId: string): Promise<DebugCallEvent[]>;
  /** Ends all streams without the event `end`, so that followers reconnect to another process. */
  close(): void;
};

const FOLLOWERS_PER_SESSION_MAX = 4;
const FOLLOWERS_MAX = 100;
/** The delay before following again if Redis has lost the stream, which publishing creates again. */
const RETRY_MS = 500;

export function createFollowing(options: {
  streams: DebugStreamReader;
  /** Returns undefined if the session ended so long ago that it was deleted. */
  reload: (session: DebugSession) => Promise<DebugSession | undefined>;
}): Following {
  const { streams, reload } = options;
  const places = createPlaces(FOLLOWERS_PER_SESSION_MAX, FOLLOWERS_MAX);
  const closing = new AbortController();

  async function* report(
    session: DebugSession,
    after: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<ServerSentEvent> {
    const leftMs = Math.max(0, session.expiresAt.getTime() - Date.now());
    const untilOver = AbortSignal.any([signal, AbortSignal.timeout(leftMs)]);
    let last = after;
    for (;;) {
      const from = last === undefined ? {} : { after: last };
      for await (const { id, event } of streams.follow(session.id, { ...from, signal: untilOver })) {
        last = id;
        yield { id, data: JSON.stringify(event) };
      }
      if (signal.aborted) return;
      const reason = await findEnd(session);
      if (reason !== undefined) {
        yield { event: 'end', data: JSON.stringify({ reason }) };
        return;
      }
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Returns the reason why the session ended; undefined while it is open, and while its state cannot be read. */
  async function findEnd(session: DebugSession): Promise<string | undefined> {
    if (session.endedAt !== null) return session.endReason ?? undefined;
    try {
      const now = await reload(session);
      if (now === undefined) return 'expired';
      if (now.endedAt !== null) return now.endReason ?? undefined;
      return now.expiresAt.getTime() <= Date.now() ? 'expired' : undefined;
    } catch (error) {
      if (error instanceof AppError && error.code === 'config_unavailable') return undefined;
      throw error;
    }
  }

  return {
    follow(session, lastEventId) {
      const leave = places.enter(session.id);
      return async function* (signal) {
        try {
          yield* report(session, lastEventId, AbortSignal.any([signal, closing.signal]));
        } finally {
          leave();
        }
      };
    },

    async readAll(session) {
      const leave = places.enter(session.id);
      try {
        const all: DebugEvent[] = [];
        for (let position: string | undefined; ; ) {
          const page = await streams.read(session.id, position);
          all.push(...(page?.entries ?? []).map(({ event }) => event));
          if (page === undefined || page.isLast) return all;
          position = page.position;
        }
      } finally {
        leave();
      }
    },

    async readCall(session, callId) {
      const leave = places.enter(session.id);
      try {
        return await streams.readCall(session.id, callId);
      } finally {
        leave();
      }
    },

    close: () => closing.abort(),
  };
}

/** Limits the number of followers of each session, and of all sessions, in this process. */
function createPlaces(ofSessionMax: number, allMax: number) {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    enter(sessionId: string): () => void {
      const before = taken.get(sessionId) ?? 0;
      if (before >= ofSessionMax || all >= allMax) {
        throw new AppError(
          'rate_limited',
          'Too many clients follow this debug session, or debug sessions in all, at the same time',
        );
      }
      taken.set(sessionId, before + 1);
      all += 1;
      return () => {
        all -= 1;
        const left = (taken.get(sessionId) ?? 1) - 1;
        if (left === 0) taken.delete(sessionId);
        else taken.set(sessionId, left);
      };
    },
  };
}
