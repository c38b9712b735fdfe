import { logEvent } from './log-event.ts';
import type { Logger } from './logger.ts';
import { gauge } from './metrics/metric.ts';

/** Larger offsets are logged. */
const OFFSET_MS_LOGGED = 2000;
/**
 * The planes compare each other's times: a call has one deadline, made at the edge. With a larger offset, a process
 * would refuse calls that still have time, or start calls that have none.
 */
const OFFSET_MS_MAX = 5000;

export type ClockWatch = {
  /**
   * `offsetMs` is how far the clock of this host is ahead of the clock of Redis, with an uncertainty of `errorMs`.
   * Returns false if the clock is too far off for the process to be ready.
   */
  note(offsetMs: number, errorMs: number): boolean;
  /** A readiness check. */
  check(): string | undefined;
};

export function createClockWatch(logger: Logger): ClockWatch {
  const offset = gauge('toolplane_clock_offset_seconds');
  let reason: string | undefined;
  return {
    note(offsetMs, errorMs) {
      offset.set(offsetMs / 1000);
      // A slow answer does not prove a wrong clock.
      const certainMs = Math.abs(offsetMs) - errorMs;
      reason = certainMs > OFFSET_MS_MAX ? describe(offsetMs) : undefined;
      if (certainMs <= OFFSET_MS_LOGGED) return true;
      const fields = { offset_ms: Math.round(offsetMs), is_ready: reason === undefined };
      logEvent(logger, 'warn', 'the clock of this host differs from the clock of Redis', fields, { linesMax: 1 });
      return reason === undefined;
    },
    check: () => reason,
  };
}

function describe(offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return `${seconds} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the clock of Redis`;
}
