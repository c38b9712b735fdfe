import { logEvent } from './log-event.ts';
import type { Logger } from './logger.ts';
import { gauge } from './metrics/metric.ts';

/** Logged from here on. */
const OFFSET_MS_TOLD = 2000;
/**
 * The planes compare times of each other: a call has one deadline, made at the edge. Beyond this a process refuses calls
 * that have time, or begins calls that have none.
 */
const OFFSET_MS_MAX = 5000;

export type ClockWatch = {
  /** `offsetMs`: how far the clock of this host is ahead of the clock of Redis, give or take `errorMs`. */
  note(offsetMs: number, errorMs: number): void;
  /** A check of readiness. */
  check(): string | undefined;
};

export function createClockWatch(logger: Logger): ClockWatch {
  const offset = gauge('toolplane_clock_offset_seconds');
  let reason: string | undefined;
  return {
    note(offsetMs, errorMs) {
      offset.set(offsetMs / 1000);
      // A slow answer is not a wrong clock.
      const certainMs = Math.abs(offsetMs) - errorMs;
      reason = certainMs > OFFSET_MS_MAX ? describe(offsetMs) : undefined;
      if (certainMs <= OFFSET_MS_TOLD) return;
      const fields = { offset_ms: Math.round(offsetMs), is_ready: reason === undefined };
      logEvent(logger, 'warn', 'the clock of this host differs from the clock of Redis', fields, { linesMax: 1 });
    },
    check: () => reason,
  };
}

function describe(offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return `${seconds} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the clock of Redis`;
}
