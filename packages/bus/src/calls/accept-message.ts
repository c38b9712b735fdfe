import type { CallCipher } from '@toolplane/sealing';
import type { BusEvent } from '../bus-event.ts';
import { type CallMessage, type EventMessage, openEvent, readEventMessage } from './call-events.ts';
import { callIdOf, openReply } from './envelope.ts';
import type { PendingCall, PendingCalls } from './pending-calls.ts';

/** `isCopy`: the message was read from its copy, and perhaps nobody received the message itself. */
export type AcceptMessage = (message: string, isCopy?: boolean) => void;

/**
 * Accepts messages that are sent to one caller: a reply settles its call, events before it are passed on. A message
 * that cannot be opened is not from a worker, so it changes nothing; the deadline decides.
 */
export function createMessageAcceptor({
  queue,
  cipher,
  pending,
  onEvent,
}: {
  queue: string;
  cipher: CallCipher;
  pending: PendingCalls;
  onEvent: (event: BusEvent) => void;
}): AcceptMessage {
  const routingOf = ({ callId, tenant, replyTo }: PendingCall) => ({ queue, callId, tenant, replyTo });

  function acceptReply(reply: string, isCopy: boolean): void {
    const callId = callIdOf(reply);
    const call = pending.get(callId);
    if (call === undefined) return;
    try {
      const { outcome, ...reported } = openReply(cipher, routingOf(call), reply);
      call.isReceived = !isCopy;
      call.settle(outcome, reported);
    } catch {
      onEvent({ type: 'reply_rejected', callId });
    }
  }

  function acceptEvent(message: EventMessage): void {
    const { callId, seq } = message;
    const call = pending.get(callId);
    // The last message of a connection may be sent again over the next one.
    if (call === undefined || seq <= call.eventSeq) return;
    let event: CallMessage;
    try {
      event = openEvent(cipher, routingOf(call), message);
    } catch {
      onEvent({ type: 'reply_rejected', callId });
      return;
    }
    call.eventSeq = seq;
    if (event.kind === 'ask' || event.kind === 'withdraw') call.questions.hear(event);
    else if (event.kind === 'order') call.questions.handleAnswer(event);
    else call.onEvent?.(event);
  }

  return (message, isCopy = false) => {
    const event = readEventMessage(message);
    if (event === undefined) acceptReply(message, isCopy);
    else acceptEvent(event);
  };
}
