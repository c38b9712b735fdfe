import { type CallAnswer, callAnswerSchema } from '@toolplane/contracts';
import { type CallCipher, EnvelopeRejected } from '@toolplane/sealing';
import type { ReplyRouting } from './envelope.ts';

/** An answer as it is published: the call's id, a space, the question's id, a space, the seal. */
export type AnswerMessage = { callId: string; id: number; sealed: string };

export function sealAnswer(cipher: CallCipher, routing: ReplyRouting, id: number, answer: CallAnswer): string {
  return `${routing.callId} ${id} ${cipher.seal(answerBinding(routing, id), JSON.stringify(answer))}`;
}

export function readAnswerMessage(message: string): AnswerMessage {
  const [callId = '', id, sealed = ''] = message.split(' ');
  return { callId, id: Number(id), sealed };
}

/** Throws `EnvelopeRejected` unless the caller of this call sealed it as the answer to this question. */
export function openAnswer(cipher: CallCipher, routing: ReplyRouting, { id, sealed }: AnswerMessage): CallAnswer {
  const parsed = callAnswerSchema.safeParse(JSON.parse(cipher.open(answerBinding(routing, id), sealed)));
  if (!parsed.success) throw new EnvelopeRejected();
  return parsed.data;
}

function answerBinding({ queue, callId, tenant, replyTo }: ReplyRouting, id: number) {
  return { purpose: 'answer', party: replyTo, aad: JSON.stringify([queue, callId, tenant, replyTo, id]) } as const;
}
