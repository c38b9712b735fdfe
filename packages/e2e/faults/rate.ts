import type { Load } from './load.ts';
import { monotonicMs } from './monotonic.ts';

/**
 * The time limit of a call with one fast request while no fault is active. Beyond this limit, calls fail because of the
 * machine.
 */
const READ_MS_MAX = 400;
const LOOKED_AT_MS = 2_000;
const STEP = 0.8;
const RATE_MIN = 5;

/** Reduces the rate if the machine has no time for this many calls; called in quiet moments only. */
export function fitRate(load: Load, say: (line: string) => void): void {
  const since = monotonicMs() - LOOKED_AT_MS;
  const recent = load.attempts.slice(-500).filter(({ tool, reported, sentAt }) => {
    return tool === 'read' && reported === 'done' && sentAt > since;
  });
  const times = recent.map(({ sentAt, endedAt }) => endedAt - sentAt).toSorted((one, other) => one - other);
  const p90 = times[Math.floor(times.length * 0.9)] ?? 0;
  if (p90 <= READ_MS_MAX || load.rate <= RATE_MIN) return;
  load.rate = Math.max(RATE_MIN, Math.round(load.rate * STEP));
  say(`      the machine is busy (a quiet read takes ${Math.round(p90)} ms): ${load.rate} calls/s from now on`);
}
