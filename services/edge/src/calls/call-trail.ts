import type { CallRequest } from '@toolplane/bus';
import type { CallTiming } from '@toolplane/contracts';

type ToldByReply = Parameters<NonNullable<CallRequest['onReport']>>[0];

/** What is recorded about a call on its way, by the monotonic clock. */
export type CallTrail = {
  readonly startedAt: number;
  /** When it was put on the queue for the first time. */
  admittedAt: number | undefined;
  /** The size of the call as it was sent to a worker, and of its result, as JSON. */
  requestBytes: number | undefined;
  told: ToldByReply | undefined;
  /** How often it was given to the queue, and how often a worker that ran it has answered. */
  sent: number;
  answered: number;
};

export function startTrail(startedAt: number): CallTrail {
  return { startedAt, admittedAt: undefined, requestBytes: undefined, told: undefined, sent: 0, answered: 0 };
}

/** What a request records on its way through the bus. */
export function noteOn(trail: CallTrail): Required<Pick<CallRequest, 'onAdmitted' | 'onReport'>> {
  return {
    onAdmitted(bytes) {
      trail.admittedAt ??= performance.now();
      trail.requestBytes = bytes;
      trail.sent += 1;
    },
    onReport(told) {
      trail.told = told;
      // Where nothing ran, there is no report.
      if (told.report !== undefined) trail.answered += 1;
    },
  };
}

/** It was queued, and no worker that ran it has answered: that it was not started, only Redis says. */
export function isUnanswered({ sent, answered }: CallTrail): boolean {
  return sent > answered;
}

/**
 * For a call that was held, the worker counts from its beginning, and the edge from when it continues. `queueMs` is the
 * time that neither the edge nor the worker can account for, including that of a lost worker.
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
