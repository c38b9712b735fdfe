import { type InputRequest, type OrderAnswer, questionLimits } from '@toolplane/contracts';
import { channels } from '../keys.ts';
import { sealAnswer } from './answer-message.ts';
import { sealOrder } from './order-message.ts';
import type { StreamedQuestions, ToWorkers } from './streamed-questions.ts';

/** Servers that ask several things at once do so within this time. */
const GATHER_MS = 30;
/** How long until the worker is asked again to hold the call. */
const REPEAT_MS = 1000;
/** A worker that has not answered after this many attempts is of a release that does not hold calls. */
const TRIES_MAX = 3;

/** What a call is held for: the worker, the round of the order, and questions by their keys. */
export type SuspendedQuestions = { worker: string; round: number; inputRequests: Record<string, InputRequest> };

const KEY = 'question-';
const keyOf = (id: number) => `${KEY}${id}`;
/**
 * Undefined for a text that is not the key of a question. Each question has exactly one key, so there are no further
 * keys.
 */
export const questionIdOf = (key: string): number | undefined => {
  const id = Number(key.slice(KEY.length));
  return id >= 1 && id <= questionLimits.perCall && key === keyOf(id) ? id : undefined;
};

/**
 * For a client that cannot be asked while it waits: the worker holds the call, and the client receives the questions
 * instead of an outcome. If the worker does not hold the call, the questions are declined.
 */
export function createSuspendedQuestions({
  redis,
  cipher,
  routing,
  round,
  onHeld,
}: ToWorkers & { round: number; onHeld(held: SuspendedQuestions): void }): StreamedQuestions {
  const open = new Map<number, InputRequest>();
  const declined = new Map<number, string>();
  let timer: NodeJS.Timeout | undefined;
  let worker = '';
  let tries = 0;
  let hasEnded = false;

  /** A message that is lost is sent again later. */
  function send(message: string): void {
    redis.publish(channels.answers(routing.queue, worker), message).catch(() => {});
  }

  function hold(): void {
    timer = undefined;
    if (hasEnded || open.size === 0) return;
    tries += 1;
    if (tries > TRIES_MAX) {
      declineAll('The client cannot be asked while the call runs');
    } else {
      send(sealOrder(cipher, routing, round, { kind: 'hold' }));
      timer = setTimeout(hold, REPEAT_MS);
    }
  }

  function declineAll(message: string): void {
    for (const id of open.keys()) {
      const sealed = sealAnswer(cipher, routing, id, { kind: 'declined', message });
      declined.set(id, sealed);
      send(sealed);
    }
    open.clear();
    tries = 0;
  }

  return {
    hear(question) {
      if (hasEnded) return;
      if (question.kind === 'withdraw') return void open.delete(question.id);
      const sealed = declined.get(question.id);
      if (sealed !== undefined) return send(sealed);
      worker = question.answerTo;
      open.set(question.id, question.request);
      timer ??= setTimeout(hold, GATHER_MS);
    },
    handleAnswer(answer: OrderAnswer) {
      if (hasEnded || answer.round !== round) return;
      clearTimeout(timer);
      timer = undefined;
      if (answer.refusal !== undefined) return declineAll(answer.refusal.message);
      hasEnded = true;
      const asked = [...open].map(([id, request]) => [keyOf(id), request] as const);
      onHeld({ worker, round, inputRequests: Object.fromEntries(asked) });
    },
    end() {
      hasEnded = true;
      clearTimeout(timer);
    },
  };
}
