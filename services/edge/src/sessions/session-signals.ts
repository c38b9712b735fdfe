import type { EdgeStore } from '@toolplane/bus';

/*
 * What reaches the edge that holds a stream of a legacy session, over one channel per session: JSON-RPC messages, which
 * begin with a brace or a bracket, and the words below.
 */

const ENDED = 'ended';
const ASKED = 'asked';
const TAKEN = 'taken ';

export type SessionSignal = { kind: 'ended' } | { kind: 'taken'; by: string } | { kind: 'message'; message: string };

/** The session was ended by its client: its streams end everywhere. */
export async function tellEnded(store: EdgeStore, sessionId: string): Promise<void> {
  await store.deliver(sessionId, ENDED);
}

/** Somebody holds a stream of this session. */
export async function isHeard(store: EdgeStore, sessionId: string): Promise<boolean> {
  return (await store.deliver(sessionId, ASKED)) > 0;
}

/** A new stream of the session takes the notifications over from those before it. */
export async function tellTaken(store: EdgeStore, sessionId: string, by: string): Promise<void> {
  await store.deliver(sessionId, `${TAKEN}${by}`);
}

export function listenForSignals(
  store: EdgeStore,
  sessionId: string,
  onSignal: (signal: SessionSignal) => void,
): Promise<() => void> {
  return store.listen(sessionId, (text) => {
    if (text === ENDED) onSignal({ kind: 'ended' });
    else if (text.startsWith(TAKEN)) onSignal({ kind: 'taken', by: text.slice(TAKEN.length) });
    else if (text !== ASKED) onSignal({ kind: 'message', message: text });
  });
}
