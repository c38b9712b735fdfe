import type { CallRequest } from '@toolplane/bus';
import type { CallTiming } from '@toolplane/contracts';

type ToldByReply = Parameters<NonNullable<CallRequest['onReport']>>[0];

/** What is noted of a call on its way, by the clock that only goes forward. */
export type CallTrail = {
  readonly startedAt: number;
  /** When it was given to the queue for the first time. */
  admittedAt: number | undefined;
  /** Of the call as it was sent to a worker, and of what that gave, as JSON. */
  requestBytes: number | undefined;
  told: ToldByReply | undefined;
};

export function startTrail(startedAt: number): CallTrail {
  return { startedAt, admittedAt: undefined, requestBytes: undefined, told: undefined };
}

/** What a request notes on its way through the bus. */
export function noteOn(trail: CallTrail): Required<Pick<CallRequest, 'onAdmitted' | 'onReport'>> {
  return {
    onAdmitted(bytes) {
      trail.admittedAt ??= performance.now();
      trail.requestBytes = bytes;
    },
    onReport(told) {
      trail.told = told;
    },
  };
}

/**
 * Of a call that was held, the worker counts from its beginning, and the edge from when it goes on. `queueMs` is what
 * neither the edge nor the worker can account for, the time of a worker that was lost included.
 */
export function timingOf({ startedAt, admittedAt, told }: CallTrail, endedAt: number): CallTiming {
  const admissionMs = (admittedAt ?? endedAt) - startedAt;
  if (told?.report === undefined) return { admissionMs };
  const { report } = told;
  const executionMs = Math.min(report.executionMs, endedAt - startedAt - admissionMs);
  const upstreamMs = Math.min(report.upstreamMs, executionMs);
  const queueMs = Math.max(0, endedAt - startedAt - admissionMs - executionMs);
  return { admissionMs, queueMs, executionMs, upstreamMs };
}
