import type { CallRequest } from '@toolplane/bus';
import type { CallTiming } from '@toolplane/contracts';

type ReplyReport = Parameters<NonNullable<CallRequest['onReport']>>[0];

/** What is recorded about a call in progress. Times are those of the monotonic clock. */
export type CallTimeline = {
  readonly startedAt: number;
  /** The time when the call was first added to the queue. */
  admittedAt: number | undefined;
  /** The size of the call as it was sent to a worker, as JSON. `reported` has that of its result. */
  requestBytes: number | undefined;
  reported: ReplyReport | undefined;
  /** How often the call was added to the queue, and how often a worker that ran it has answered. */
  sent: number;
  answered: number;
};

export function startTimeline(startedAt: number): CallTimeline {
  return { startedAt, admittedAt: undefined, requestBytes: undefined, reported: undefined, sent: 0, answered: 0 };
}

/** The callbacks through which a request records its progress through the bus. */
export function progressCallbacks(timeline: CallTimeline): Required<Pick<CallRequest, 'onAdmitted' | 'onReport'>> {
  return {
    onAdmitted(bytes) {
      timeline.admittedAt ??= performance.now();
      timeline.requestBytes = bytes;
      timeline.sent += 1;
    },
    onReport(reported) {
      timeline.reported = reported;
      // If nothing ran, there is no report.
      if (reported.report !== undefined) timeline.answered += 1;
    },
  };
}

/** True if the call was queued and no worker that ran it has answered. Then only Redis says that it was not started. */
export function isUnanswered({ sent, answered }: CallTimeline): boolean {
  return sent > answered;
}

/**
 * Computes the timing of a call. For a held call, the worker counts from its beginning, and the edge from the moment it
 * continues. `queueMs` is the time that neither the edge nor the worker can account for, including that of a lost
 * worker.
 */
export function timingOf({ startedAt, admittedAt, reported }: CallTimeline, endedAt: number): CallTiming {
  const admissionMs = (admittedAt ?? endedAt) - startedAt;
  if (reported?.report === undefined) return { admissionMs };
  const { report } = reported;
  const executionMs = Math.min(report.executionMs, endedAt - startedAt - admissionMs);
  const upstreamMs = Math.min(report.upstreamMs, executionMs);
  const queueMs = Math.max(0, endedAt - startedAt - admissionMs - executionMs);
  return { admissionMs, queueMs, executionMs, upstreamMs };
}
