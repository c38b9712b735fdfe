import type { CallCipher } from '@toolplane/sealing';
import { ReplyError } from 'ioredis';
import type { QueueEpoch } from '../queue-epoch.ts';
import type { Admission, AdmissionRefusal, Lease } from './admission.ts';
import { type BusFailureCode, busFailure } from './bus-failures.ts';
import { CALL_BYTES_MAX, type CallQueue } from './call-queue.ts';
import type { CallRequest } from './call-request.ts';
import { ENVELOPE_VERSION, keptMs, type Routing, sealCall } from './envelope.ts';
import type { PendingCall } from './pending-calls.ts';

/** A lease that nobody returns expires this long after the deadline at the earliest. */
const LEASE_MS_AFTER_DEADLINE = 1000;

/** Admits, seals and queues a pending call, or settles it with the reason why it was not queued. */
export type SendCall = (
  call: PendingCall,
  request: Pick<CallRequest, 'body' | 'keepReplyMs' | 'onAdmitted' | 'onQueued'>,
) => Promise<void>;

export function createSendCall(options: {
  queue: string;
  callerId: string;
  cipher: CallCipher;
  admission: Admission;
  callQueue: CallQueue;
  epoch: Pick<QueueEpoch, 'current'>;
  giveUp(call: PendingCall, code: BusFailureCode): Promise<void>;
}): SendCall {
  const { queue, callerId, cipher, admission, callQueue, epoch, giveUp } = options;

  async function acquireLease({
    callId,
    tenant,
    organization,
    deadline,
  }: PendingCall): Promise<Lease | AdmissionRefusal | 'queue_unavailable'> {
    try {
      return await admission.acquire({ callId, tenant, organization, until: deadline + LEASE_MS_AFTER_DEADLINE });
    } catch {
      return 'queue_unavailable';
    }
  }

  return async (call, { body, keepReplyMs, onAdmitted, onQueued }) => {
    const lease = await acquireLease(call);
    if (typeof lease === 'string') return call.settle(busFailure('not_started', lease));
    if (call.isSettled) return admission.giveBack(lease);
    call.lease = lease;
    if (epoch.current === undefined) return call.settle(busFailure('not_started', 'queue_unavailable'));
    const { callId, tenant, deadline } = call;
    const routing: Routing = {
      v: ENVELOPE_VERSION,
      queue,
      callId,
      tenant,
      replyTo: callerId,
      deadline,
      epoch: epoch.current,
      lease: { id: lease.id, weight: lease.weight },
      ...(keepReplyMs === undefined ? {} : { keepReplyMs: keptMs(keepReplyMs) }),
    };
    const text = JSON.stringify(body);
    const envelope = sealCall(cipher, routing, text);
    if (envelope.sealed.length > CALL_BYTES_MAX) return call.settle(busFailure('not_started', 'payload_too_large'));
    onAdmitted?.(Buffer.byteLength(text));
    let isQueued: boolean;
    try {
      isQueued = await callQueue.add(call, envelope);
    } catch (error) {
      if (error instanceof ReplyError) return call.settle(busFailure('not_started', 'queue_unavailable'));
      // Redis did not answer, so the call may have been queued: the fence decides.
      return giveUp(call, 'queue_unavailable');
    }
    if (!isQueued) {
      // The call was settled before its batch was sent, and never reached Redis.
      if (call.epoch === undefined) return;
      callQueue.remove(call);
      return call.settle(busFailure('not_started', 'cancelled'));
    }
    if (!call.isSettled) onQueued?.();
  };
}
