import type { EdgeStore } from '@toolplane/bus';
import { AppError } from '@toolplane/contracts';
import type { McpSession } from './session-id.ts';
import { listenForSignals } from './session-signals.ts';

/**
 * Returns a signal that fires when a session of Streamable HTTP has ended, even if it ended before: then nobody can
 * answer its questions any more. It must be disposed. Sessions of the legacy SSE transport are not watched, because a
 * listener to such a session counts as its stream.
 */
export function watchSessionEnd(
  store: EdgeStore,
  session: Pick<McpSession, 'id' | 'transport'> | undefined,
): Disposable & { readonly signal: AbortSignal } {
  const over = new AbortController();
  const watching = new DisposableStack();

  async function check(id: string): Promise<void> {
    if ((await store.getSession(id)).isEnded) end();
  }
  function end(): void {
    over.abort(new AppError('input_declined', 'The session ended before its client answered'));
  }
  async function watch(id: string): Promise<void> {
    const onSignal = ({ kind }: { kind: string }) => {
      if (kind === 'ended') end();
    };
    const stop = await listenForSignals(store, id, onSignal, () => void check(id).catch(() => {}));
    if (watching.disposed) stop();
    else watching.defer(stop);
    await check(id);
  }

  // If no signal can be received, the timeout still ends the wait.
  if (session?.transport === 'http') watch(session.id).catch(() => {});
  return { signal: over.signal, [Symbol.dispose]: () => watching.dispose() };
}
