import type { Job } from 'bullmq';
import type { Envelope } from './envelope.ts';

/*
 * A job of BullMQ costs both sides and Redis more than everything else that a call needs of the bus. While few calls are
 * under way each has a job of its own, named by its id, so that any worker can take it. When many are, the workers are
 * busy anyway, and those that are sent in one turn of the event loop share jobs. Each is sealed, fenced and answered by
 * itself; all that they share is the way.
 */

/** Of one job: so many run at the same time in one slot of a worker. */
export const CALLS_PER_JOB_MAX = 4;
/** For so many under way a job takes one more. */
const CALLS_UNDER_WAY_PER_SHARE = 8;
/** Of all calls of a shared job; a larger one has a job of its own. */
const SHARED_BYTES_MAX = 128 * 1024;

export type SentEnvelope = { callId: string; envelope: Envelope };

/** In their order. */
export function shareJobs<Call extends SentEnvelope>(calls: readonly Call[], underWay: number): Call[][] {
  const callsMax = Math.min(Math.max(Math.floor(underWay / CALLS_UNDER_WAY_PER_SHARE), 1), CALLS_PER_JOB_MAX);
  const jobs: Call[][] = [];
  let last: { calls: Call[]; bytes: number } | undefined;
  for (const call of calls) {
    const bytes = call.envelope.sealed.length;
    if (last === undefined || last.calls.length === callsMax || last.bytes + bytes > SHARED_BYTES_MAX) {
      last = { calls: [], bytes: 0 };
      jobs.push(last.calls);
    }
    last.calls.push(call);
    last.bytes += bytes;
  }
  return jobs;
}

/** What lies in the queue: the envelope of one call, or of several with their ids. */
export function toJobData(calls: readonly SentEnvelope[]): unknown {
  const [first] = calls;
  if (first !== undefined && calls.length === 1) return first.envelope;
  return { calls: calls.map(({ callId, envelope }) => [callId, envelope]) };
}

/** Ids and envelopes as they are found, which anybody may have written. */
export function callsOf({ id = '', data }: Pick<Job, 'id' | 'data'>): (readonly [callId: string, envelope: unknown])[] {
  const shared: unknown = data?.calls;
  if (!Array.isArray(shared)) return [[id, data]];
  return shared.slice(0, CALLS_PER_JOB_MAX).map((entry) => {
    const [callId, envelope] = Array.isArray(entry) ? entry : [];
    return [typeof callId === 'string' ? callId : id, envelope] as const;
  });
}
