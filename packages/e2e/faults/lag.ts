import { existsSync, readFileSync } from 'node:fs';
import { monotonicMs } from './monotonic.ts';

const TICK_MS = 100;
/** No span that is judged by the lag lasts longer. */
const REMEMBERED_MS = 200_000;

/** How late events may be because the machine had no processor for them, and not because of the platform. */
export type Lag = Disposable & {
  /** How late this process was between two times, plus how long the other processes waited for a processor in total. */
  between(from: number, to: number): number;
};

type Sample = { at: number; lateMs: number; waitedMs: ReadonlyMap<number, number> };

export function watchLag(listPids: () => readonly number[]): Lag {
  let samples: Sample[] = [];
  let due = monotonicMs() + TICK_MS;
  const timer = setInterval(() => {
    const at = monotonicMs();
    const waitedMs = new Map(listPids().map((pid) => [pid, readWaitedMs(pid)]));
    samples.push({ at, lateMs: Math.max(0, at - due), waitedMs });
    due = at + TICK_MS;
    if (samples.length > (2 * REMEMBERED_MS) / TICK_MS) samples = samples.slice(samples.length / 2);
  }, TICK_MS);
  return {
    between(from, to) {
      const within = samples.filter(({ at }) => at >= from - TICK_MS && at <= to + TICK_MS);
      const late = within.reduce((max, { lateMs }) => Math.max(max, lateMs), 0);
      return late + waitedWithin(within);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/**
 * Sums over all processes the time that each waited between its first and its last sample; a restarted process is
 * another one.
 */
function waitedWithin(samples: readonly Sample[]): number {
  const firstOf = new Map<number, number>();
  const lastOf = new Map<number, number>();
  for (const { waitedMs } of samples) {
    for (const [pid, ms] of waitedMs) {
      if (!firstOf.has(pid)) firstOf.set(pid, ms);
      lastOf.set(pid, ms);
    }
  }
  return [...lastOf].reduce((sum, [pid, ms]) => sum + Math.max(0, ms - (firstOf.get(pid) ?? ms)), 0);
}

/** How long the main thread of a process could have run and did not; 0 if the kernel does not report it. */
function readWaitedMs(pid: number): number {
  const file = `/proc/${pid}/schedstat`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6 : 0;
}
