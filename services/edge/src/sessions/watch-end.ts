import type { EdgeStore } from '@toolplane/bus';
import { AppError } from '@toolplane/contracts';
import type { Session } from './session-id.ts';
import { listenForSignals } from './session-signals.ts';

/**
 * Fires when a session of Streamable HTTP is over, even if that happened before: nobody can answer for it any more. To
 * be disposed. A listener to a session of the legacy SSE transport counts as its stream, so those sessions are not
 * watched.
 */
export function watchSessionEnd(
  store: EdgeStore,
  session: Pick<Session, 'id' | 'transport'> | undefined,
): Disposable & { readonly signal: AbortSignal } {
  const over = new AbortController();
  const watching = new DisposableStack();

  async function look(id: string): Promise<void> {
    if ((await store.getSession(id)).isEnded) end();
  }
  function end(): void {
    over.abort(new AppError('input_declined', 'The session ended before its client answered'));
  }
  async function watch(id: string): Promise<void> {
    const onSignal = ({ kind }: { kind: string }) => {
      if (kind === 'ended') end();
    };
    const stop = await listenForSignals(store, id, onSignal, () => void look(id).catch(() => {}));
    if (watching.disposed) stop();
    else watching.defer(stop);
    await look(id);
  }

  // Where no signal can be heard, patience still ends.
  if (session?.transport === 'http') watch(session.id).catch(() => {});
  return { signal: over.signal, [Symbol.dispose]: () => watching.dispose() };
}
