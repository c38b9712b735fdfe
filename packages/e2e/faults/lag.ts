import { monotonicMs } from './monotonic.ts';

const TICK_MS = 20;
/** How long a late tick counts against those that end after it. */
const REMEMBERED_MS = 2_000;

export type Lag = Disposable & { recentMs(): number };

/** By how much this process was late of late, because it had no processor: what it measures is late by as much. */
export function watchLag(): Lag {
  let late: { at: number; ms: number }[] = [];
  let due = monotonicMs() + TICK_MS;
  const timer = setInterval(() => {
    const now = monotonicMs();
    if (now - due > 1) late.push({ at: now, ms: now - due });
    due = now + TICK_MS;
    late = late.filter(({ at }) => now - at < REMEMBERED_MS);
  }, TICK_MS);
  return {
    recentMs: () => late.reduce((max, { ms }) => Math.max(max, ms), 0),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
