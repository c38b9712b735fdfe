/*
 * A job of BullMQ costs more than everything else that the bus does with a call, so calls from one event-loop turn of
 * their caller share jobs. Each call keeps its own seal, fence, deadline and reply; a shared job says nothing about its
 * calls except which ones it contains.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Envelope } from './envelope.ts';
import { shareOf } from './share.ts';

/** Calls of one job are run by one worker, while another may have nothing to do. */
export const CALLS_PER_JOB_MAX = 8;
/** The maximum size of the sealed calls of a shared job; a larger call gets its own job. */
const SHARED_BYTES_MAX = 64 * 1024;

/** A call has `job` and `epoch` once it is passed to the queue; `left` is how many calls of the job may still start. */
export type QueuedCall = {
  readonly callId: string;
  readonly isSettled?: boolean;
  job?: { jobId: string; left: number } | undefined;
  epoch?: string | undefined;
};
export type SealedCall = { call: QueuedCall; envelope: Envelope };

/** All calls of a job belong to one organization, which is the name of the job: workers choose jobs by it. */
type QueueJob = { jobId: string; name: string; data: Envelope | SharedJob; calls: SealedCall[] };

const sharedJobSchema = z.strictObject({
  calls: z.array(z.looseObject({ callId: z.string() })).max(CALLS_PER_JOB_MAX),
});
type SharedJob = z.infer<typeof sharedJobSchema>;

/** A call with its own job gives the job its id, so that it can be removed again. */
export function jobsOf(calls: readonly SealedCall[]): QueueJob[] {
  const groups: SealedCall[][] = [];
  /** Each organization has at most one group that has room. */
  const open = new Map<string, { group: SealedCall[]; bytes: number }>();
  for (const call of calls) {
    const size = call.envelope.sealed.length;
    const { organization } = shareOf(call.envelope);
    const last = open.get(organization);
    if (last !== undefined && last.group.length < CALLS_PER_JOB_MAX && last.bytes + size <= SHARED_BYTES_MAX) {
      last.group.push(call);
      last.bytes += size;
    } else {
      const group = [call];
      groups.push(group);
      open.set(organization, { group, bytes: size });
    }
  }
  return groups.map((group) => {
    const [first, ...others] = group as [SealedCall, ...SealedCall[]];
    const name = shareOf(first.envelope).organization;
    if (others.length === 0) return { jobId: first.call.callId, name, data: first.envelope, calls: group };
    const data = { calls: group.map(({ call, envelope }) => ({ callId: call.callId, ...envelope })) };
    return { jobId: `${randomUUID()}+${group.length}`, name, data, calls: group };
  });
}

/** How many calls a job has, by its id. */
export const callCountOf = (jobId: string) => Number(/\+(\d)$/.exec(jobId)?.[1] ?? 1);

/** The content of a job in Redis. Undefined if it is nothing that a caller writes. */
export function openJob(jobId: string, data: unknown): { callId: string; envelope: unknown }[] | undefined {
  const isShared = typeof data === 'object' && data !== null && 'calls' in data;
  if (!isShared) return [{ callId: jobId, envelope: data }];
  return sharedJobSchema.safeParse(data).data?.calls.map(({ callId, ...envelope }) => ({ callId, envelope }));
}
