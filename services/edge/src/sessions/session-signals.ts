import type { EdgeStore } from '@toolplane/bus';
import { z } from 'zod';

/** Signals to the edges that hold streams of a legacy session, over one channel per session. */
const sessionSignalSchema = z.discriminatedUnion('kind', [
  /** The session has ended or has lost a message: its streams end everywhere. */
  z.strictObject({ kind: z.literal('ended') }),
  /** Asks whether anybody is listening: the number of receivers is the answer. */
  z.strictObject({ kind: z.literal('asked') }),
  /** A JSON-RPC message for the stream. A message that may have been lost is sent again with the same id. */
  z.strictObject({ kind: z.literal('message'), id: z.string(), message: z.string() }),
  /** The stream of a POST continues on another connection. */
  z.strictObject({ kind: z.literal('resumed'), streamId: z.string(), by: z.string() }),
  /* With the remaining signals, the streams agree on the one that sends: see `sender-role.ts`. */
  z.strictObject({ kind: z.enum(['taken', 'claimed', 'held']), by: z.string() }),
  z.strictObject({ kind: z.literal('released'), by: z.string(), mark: z.string() }),
  z.strictObject({ kind: z.literal('sought') }),
]);
export type SessionSignal = z.infer<typeof sessionSignalSchema>;

/** The number of received messages that a listener remembers. No message is sent again after that many others. */
const REMEMBERED_MAX = 1000;

/** Sends a signal and returns how many edges receive it. */
export function publishSignal(store: EdgeStore, sessionId: string, signal: SessionSignal): Promise<number> {
  return store.deliver(sessionId, JSON.stringify(signal));
}

/** Returns whether some edge holds a stream of this session. */
export async function hasListener(store: EdgeStore, sessionId: string): Promise<boolean> {
  return (await publishSignal(store, sessionId, { kind: 'asked' })) > 0;
}

/**
 * Listens for the signals of a session and passes each message on once. `onMissed` is called if something may have been
 * sent while no signal could be received.
 */
export function listenForSignals(
  store: EdgeStore,
  sessionId: string,
  onSignal: (signal: SessionSignal) => void,
  onMissed?: () => void,
): Promise<() => void> {
  const received = new Set<string>();

  function isRepeated(id: string): boolean {
    if (received.has(id)) return true;
    received.add(id);
    for (const oldest of received) {
      if (received.size > REMEMBERED_MAX) received.delete(oldest);
      else break;
    }
    return false;
  }

  return store.listen(
    sessionId,
    (text) => {
      const signal = sessionSignalSchema.safeParse(JSON.parse(text)).data;
      if (signal === undefined || (signal.kind === 'message' && isRepeated(signal.id))) return;
      onSignal(signal);
    },
    onMissed,
  );
}
