/** Milliseconds for which the event loop is blocked at a time. */
const BLOCKED_MS_MAX = 3;

/** Long work calls this repeatedly and awaits the result, so that other work on the event loop can run. */
export type Pace = () => Promise<void> | undefined;

/**
 * Unlike `yieldToEventLoop` of the data plane, which is told when a single evaluation began, a pacer itself measures the
 * time since it last yielded, through thousands of short pieces of work in many loops.
 */
export function createPacer(): Pace {
  let yieldsAt = performance.now() + BLOCKED_MS_MAX;
  return () => {
    if (performance.now() < yieldsAt) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        yieldsAt = performance.now() + BLOCKED_MS_MAX;
        resolve();
      }),
    );
  };
}
