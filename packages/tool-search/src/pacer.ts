/** How long the event loop is held up at a time, milliseconds. */
const TURN_MS = 3;

/** Long work calls this again and again, and waits for what it gives: then everything else has its turn. */
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
