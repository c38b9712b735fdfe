import {
  type CallEvent,
  type CallQuestion,
  callEventSchema,
  callQuestionSchema,
  type OrderAnswer,
  orderAnswerSchema,
} from '@toolplane/contracts';
import { type CallCipher, EnvelopeRejected } from '@toolplane/sealing';
import { z } from 'zod';
import type { ReplyRouting } from './envelope.ts';

/** Distinguishes an event from a reply, which begins with the id of its call. */
const MARK = '+';

/**
 * An event as it is published: `+`, the call's id, a space, its position among the events of the call, a space, the
 * seal.
 */
export type EventMessage = { callId: string; seq: number; sealed: string };

/** What a worker reports about a call in progress. */
export type CallMessage = CallEvent | CallQuestion | OrderAnswer;
const callMessageSchema = z.union([callEventSchema, callQuestionSchema, orderAnswerSchema]);

export function sealEvent(cipher: CallCipher, routing: ReplyRouting, seq: number, event: CallMessage): string {
  return `${MARK}${routing.callId} ${seq} ${cipher.seal(eventBinding(routing, seq), JSON.stringify(event))}`;
}

/** Undefined for a message that is not an event. */
export function readEventMessage(message: string): EventMessage | undefined {
  if (!message.startsWith(MARK)) return undefined;
  const [callId = '', seq, sealed = ''] = message.slice(MARK.length).split(' ');
  return { callId, seq: Number(seq), sealed };
}

/** Throws `EnvelopeRejected` unless a worker sealed this event, at this position, for this call of this caller. */
export function openEvent(cipher: CallCipher, routing: ReplyRouting, { seq, sealed }: EventMessage): CallMessage {
  const parsed = callMessageSchema.safeParse(JSON.parse(cipher.open(eventBinding(routing, seq), sealed)));
  if (!parsed.success) throw new EnvelopeRejected();
  return parsed.data;
}

function eventBinding({ queue, callId, tenant, replyTo }: ReplyRouting, seq: number) {
  return { purpose: 'event', party: replyTo, aad: JSON.stringify([queue, callId, tenant, replyTo, seq]) } as const;
}
