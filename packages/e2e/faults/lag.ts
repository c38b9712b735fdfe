import { existsSync, readFileSync } from 'node:fs';
import { monotonicMs } from './monotonic.ts';

const TICK_MS = 100;
/** Nothing lasts longer that is judged by it. */
const REMEMBERED_MS = 200_000;

/** How late things may be because the machine had no processor for them, and not because of the platform. */
export type Lag = Disposable & {
  /** Between two times: by how much this process was late, and how long the others waited for a processor in total. */
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

/** Of each process the time between its first and its last sample, which may be those of a later process. */
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

/** How long its main thread could have run and did not. 0 where the kernel does not say. */
function readWaitedMs(pid: number): number {
  const file = `/proc/${pid}/schedstat`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6 : 0;
}
