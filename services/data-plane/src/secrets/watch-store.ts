import { setInterval as repeatEvery } from 'node:timers';

const POLL_MS = 30_000;

export type StoreWatch = Disposable & {
  /** The state at the last check; undefined if the store has not responded yet. */
  state(): 'ok' | 'failing' | undefined;
};

/**
 * Checks whether the secret store responds, for operators. An unavailable store does not take a worker out of service,
 * because most calls need only cached secrets.
 */
export function watchStore(read: () => Promise<unknown>, everyMs = POLL_MS): StoreWatch {
  let state: 'ok' | 'failing' | undefined;
  const poll = () =>
    void read().then(
      () => {
        state = 'ok';
      },
      () => {
        state = 'failing';
      },
    );
  poll();
  const timer = repeatEvery(poll, everyMs).unref();
  return { state: () => state, [Symbol.dispose]: () => clearInterval(timer) };
}
