import {
  AppError,
  type CallAnswer,
  type CallQuestion,
  type InputRequest,
  type JsonObject,
  type OrderAnswer,
  questionLimits,
  toAppError,
} from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { Redis } from 'ioredis';
import { channels } from '../keys.ts';
import { sealAnswer } from './answer-message.ts';
import type { ReplyRouting } from './envelope.ts';

const MESSAGE_LENGTH_MAX = 500;

/** Answers what a worker asks while it runs a call. The signal fires when the answer is no longer needed. */
export type OnQuestion = (request: InputRequest, signal: AbortSignal) => Promise<JsonObject>;

/** The questions of one call, as its caller receives them. */
export type StreamedQuestions = {
  hear(question: CallQuestion): void;
  /** Handles the answer of the worker to an order. */
  handleAnswer(answer: OrderAnswer): void;
  /** Ends all questions, because the call has ended. */
  end(): void;
};

type Received = { over: AbortController; sealed?: string };

/** What is needed to send the answers of one call. */
export type ToWorkers = { redis: Redis; cipher: CallCipher; routing: ReplyRouting };

/** Each question is asked once, however often it arrives; its answer is sent again each time. */
export function createStreamedQuestions({
  redis,
  cipher,
  routing,
  onQuestion,
}: ToWorkers & { onQuestion: OnQuestion | undefined }): StreamedQuestions {
  const received = new Map<number, Received>();
  let hasEnded = false;

  function send(answerTo: string, sealed: string): void {
    // A lost answer is sent again when the question arrives again.
    redis.publish(channels.answers(routing.queue, answerTo), sealed).catch(() => {});
  }

  async function put({ id, answerTo, request }: Extract<CallQuestion, { kind: 'ask' }>, own: Received): Promise<void> {
    const { signal } = own.over;
    const answer = onQuestion === undefined ? NOBODY : await onQuestion(request, signal).then(toAnswer, toDeclined);
    if (signal.aborted) return;
    own.sealed = sealAnswer(cipher, routing, id, answer);
    send(answerTo, own.sealed);
  }

  return {
    hear(question) {
      if (hasEnded) return;
      const known = received.get(question.id);
      if (question.kind === 'withdraw') known?.over.abort(over());
      else if (known?.sealed !== undefined) send(question.answerTo, known.sealed);
      else if (known === undefined && received.size < questionLimits.perCall) {
        const own: Received = { over: new AbortController() };
        received.set(question.id, own);
        void put(question, own);
      }
    },
    // This caller sends no orders.
    handleAnswer() {},
    end() {
      hasEnded = true;
      for (const { over: controller } of received.values()) controller.abort(over());
    },
  };
}

const NOBODY: CallAnswer = { kind: 'declined', message: 'There is nobody to ask' };

export function toAnswer(result: JsonObject): CallAnswer {
  const { answerBytesMax } = questionLimits;
  if (Buffer.byteLength(JSON.stringify(result)) <= answerBytesMax) return { kind: 'answered', result };
  return { kind: 'declined', message: `The answer has more than ${answerBytesMax} bytes` };
}

function toDeclined(thrown: unknown): CallAnswer {
  return { kind: 'declined', message: toAppError(thrown).message.slice(0, MESSAGE_LENGTH_MAX) };
}

function over(): AppError {
  return new AppError('cancelled', 'The answer is no longer needed');
}
