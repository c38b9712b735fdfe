/** Milliseconds for which the event loop is blocked at a time. */
const TURN_MS = 3;

/** Long work calls this repeatedly and awaits the result, so that other work on the event loop can run. */
export type Pace = () => Promise<void> | undefined;

export function createPacer(): Pace {
  let turnEndsAt = performance.now() + TURN_MS;
  return () => {
    if (performance.now() < turnEndsAt) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        turnEndsAt = performance.now() + TURN_MS;
        resolve();
      }),
    );
  };
}
