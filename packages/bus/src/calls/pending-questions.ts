import { AppError, type CallAnswer, type InputRequest, type JsonObject, questionLimits } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { BusEvent } from '../bus-event.ts';
import { openAnswer, readAnswerMessage } from './answer-message.ts';
import type { ReplyRouting, Routing } from './envelope.ts';
import type { Recipient, SendEvent } from './event-sender.ts';
import { openOrder, readOrderMessage } from './order-message.ts';
import { type AskingCall, createOrderTaker } from './take-order.ts';

/** How long until a question is sent again: the question or its answer may have been lost on the way. */
const REPEAT_MS = 2000;
/** After this many attempts in a row without a listener, the caller is considered lost. */
const UNDELIVERED_MAX = 2;

/**
 * Asks the client behind a call, and waits for its answer. Throws `input_declined` if nobody answers or wants to,
 * `loop_limit` and `payload_too_large` beyond the limits, and otherwise the reason of the signal. An error that `check`
 * throws for an answer that a client comes back with is returned to that client, which may answer again.
 */
export type Ask = (
  request: InputRequest,
  signal: AbortSignal,
  check?: (answer: JsonObject) => void,
) => Promise<JsonObject>;

/** The questions of calls of this worker that nobody has answered yet. */
export type PendingQuestions = {
  /** Opens the questions of one call, whose signal ends all of them. `close` must be called when the call has ended. */
  open(
    routing: ReplyRouting & Pick<Routing, 'lease'>,
    hearer: Recipient,
    send: SendEvent,
    ended: AbortSignal,
  ): { ask: Ask; close(): void };
  /** Accepts an answer, of which only the first counts, or an order, if a caller has sealed it for that call. */
  accept(message: string): void;
};

export function createPendingQuestions({
  workerId,
  cipher,
  heldMax,
  onEvent,
}: {
  workerId: string;
  cipher: CallCipher;
  heldMax: number;
  onEvent: (event: BusEvent) => void;
}): PendingQuestions {
  const calls = new Map<string, AskingCall>();
  const takeOrder = createOrderTaker(calls, heldMax);

  function createAsk(call: AskingCall, send: SendEvent, ended: AbortSignal): Ask {
    let count = 0;
    return async (request, withdrawn, check = () => {}) => {
      const signal = AbortSignal.any([ended, withdrawn]);
      signal.throwIfAborted();
      checkExtent(request);
      count += 1;
      const id = count;
      if (id > questionLimits.perCall) {
        throw new AppError('loop_limit', `A call can ask at most ${questionLimits.perCall} times`);
      }
      const { promise, resolve, reject } = Promise.withResolvers<JsonObject>();
      let unanswered = 0;
      const report = async () => {
        if (call.isHeld) return;
        const receivers = await send({ kind: 'ask', id, answerTo: workerId, request });
        unanswered = receivers > 0 || call.isHeld ? 0 : unanswered + 1;
        if (unanswered >= UNDELIVERED_MAX) reject(declined('There is no longer anybody to ask'));
      };
      const settle = (answer: CallAnswer) => {
        call.questions.delete(id);
        if (answer.kind === 'answered') resolve(answer.result);
        else reject(declined(answer.message));
      };
      call.questions.set(id, { settle, check, report: () => void report() });
      const timer = setInterval(() => void report(), REPEAT_MS);
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      void report();
      try {
        return await promise;
      } catch (thrown) {
        void send({ kind: 'withdraw', id });
        throw thrown;
      } finally {
        clearInterval(timer);
        signal.removeEventListener('abort', onAbort);
        call.questions.delete(id);
      }
    };
  }

  return {
    open(routing, hearer, send, ended) {
      const call: AskingCall = { routing, hearer, send, questions: new Map(), isHeld: false, round: 0 };
      const { callId } = routing;
      // Most calls never ask, and are not stored here.
      const ask = createAsk(call, send, ended);
      return {
        ask: (...asked) => {
          calls.set(callId, call);
          return ask(...asked);
        },
        close: () => void calls.delete(callId),
      };
    },
    accept(text) {
      const order = readOrderMessage(text);
      const message = order ?? readAnswerMessage(text);
      const call = calls.get(message.callId);
      if (call === undefined) return;
      try {
        if (order !== undefined) return takeOrder(call, order.round, openOrder(cipher, call.routing, order));
        const answer = readAnswerMessage(text);
        const question = call.questions.get(answer.id);
        if (question === undefined) return;
        const given = openAnswer(cipher, call.routing, answer);
        // A caller that answers is listening.
        call.isHeld = false;
        question.settle(given);
      } catch {
        onEvent({ type: 'answer_rejected', callId: message.callId });
      }
    },
  };
}

function checkExtent(request: InputRequest): void {
  const { bytesMax } = questionLimits;
  if (Buffer.byteLength(JSON.stringify(request)) <= bytesMax) return;
  throw new AppError('payload_too_large', `A question can have at most ${bytesMax} bytes`);
}

function declined(message: string): AppError {
  return new AppError('input_declined', message);
}
