import type { EdgeStore } from '@toolplane/bus';
import { AppError } from '@toolplane/contracts';
import type { Session } from './session-id.ts';
import { listenForSignals } from './session-signals.ts';

/**
 * Fires when a session of Streamable HTTP is over, also when it was before: nobody can answer for it any more. To be
 * disposed. Who listens to a session of the legacy SSE transport is taken for its stream, so those are left alone.
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

  // Where nothing can be heard, patience has its end all the same.
  if (session?.transport === 'http') watch(session.id).catch(() => {});
  return { signal: over.signal, [Symbol.dispose]: () => watching.dispose() };
}
