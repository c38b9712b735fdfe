import { setInterval as repeatEvery } from 'node:timers';

const LOOK_MS = 30_000;

export type StoreWatch = Disposable & {
  /** The state at the last check; undefined: it has not answered yet. */
  state(): 'ok' | 'failing' | undefined;
};

/**
 * Checks whether the secret store answers, for operators. A store that is away does not take a worker out of service:
 * most calls need only cached secrets.
 */
export function watchStore(ask: () => Promise<unknown>, everyMs = LOOK_MS): StoreWatch {
  let state: 'ok' | 'failing' | undefined;
  const look = () =>
    void ask().then(
      () => {
        state = 'ok';
      },
      () => {
        state = 'failing';
      },
    );
  look();
  const timer = repeatEvery(look, everyMs).unref();
  return { state: () => state, [Symbol.dispose]: () => clearInterval(timer) };
}
