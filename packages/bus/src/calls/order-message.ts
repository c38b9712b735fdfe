import { type CallOrder, callOrderSchema } from '@toolplane/contracts';
import { type CallCipher, EnvelopeRejected } from '@toolplane/sealing';
import type { ReplyRouting } from './envelope.ts';

/** Distinguishes an order from an answer, which has the id of its question here. */
const MARK = 'r';

/**
 * An order as it is published on the channel for answers: the call's id, a space, `r` and its round, a space, the seal.
 */
export type OrderMessage = { callId: string; round: number; sealed: string };

export function sealOrder(cipher: CallCipher, routing: ReplyRouting, round: number, order: CallOrder): string {
  return `${routing.callId} ${MARK}${round} ${cipher.seal(orderBinding(routing, round), JSON.stringify(order))}`;
}

/** Undefined for a message that is not an order. */
export function readOrderMessage(message: string): OrderMessage | undefined {
  const [callId = '', round = '', sealed = ''] = message.split(' ');
  return round.startsWith(MARK) ? { callId, round: Number(round.slice(MARK.length)), sealed } : undefined;
}

/** Throws `EnvelopeRejected` unless a caller sealed the order for this round of this call; any caller may do so. */
export function openOrder(cipher: CallCipher, routing: ReplyRouting, { round, sealed }: OrderMessage): CallOrder {
  const parsed = callOrderSchema.safeParse(JSON.parse(cipher.open(orderBinding(routing, round), sealed)));
  if (!parsed.success) throw new EnvelopeRejected();
  return parsed.data;
}

function orderBinding({ queue, callId, tenant, replyTo }: ReplyRouting, round: number) {
  const aad = JSON.stringify([queue, callId, tenant, replyTo, 'order', round]);
  return { purpose: 'answer', party: replyTo, aad } as const;
}
