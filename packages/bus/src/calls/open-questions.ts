import { AppError, type InputRequest, type JsonObject, questionLimits } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { BusEvent } from '../bus-event.ts';
import { openAnswer, readAnswerMessage } from './answer-message.ts';
import type { ReplyRouting } from './envelope.ts';
import type { SendEvent } from './event-sender.ts';

/** Until a question is told again: it, or its answer, may have been lost on the way. */
const REPEAT_MS = 2000;
/** So often in a row nobody hears it: its caller is lost. */
const UNHEARD_MAX = 2;

/**
 * Asks the client behind a call, and waits for its answer. Throws `input_declined` when nobody answers or wants to,
 * `loop_limit` and `payload_too_large` beyond the limits, and else the reason of the signal.
 */
export type Ask = (request: InputRequest, signal: AbortSignal) => Promise<JsonObject>;

/** What the calls of this worker have asked and nobody has answered yet. */
export type OpenQuestions = {
  /** Gives what asks for one call, whose signal ends all of its questions. */
  of(routing: ReplyRouting, send: SendEvent, ended: AbortSignal): Ask;
  /** Only the first answer counts, and only one that the caller of that call has sealed for that question. */
  accept(message: string): void;
};

type Waiting = { routing: ReplyRouting; resolve(result: JsonObject): void; reject(reason: unknown): void };

export function createOpenQuestions({
  workerId,
  cipher,
  onEvent,
}: {
  workerId: string;
  cipher: CallCipher;
  onEvent: (event: BusEvent) => void;
}): OpenQuestions {
  const waiting = new Map<string, Waiting>();

  return {
    of(routing, send, ended) {
      let count = 0;
      return async (request, withdrawn) => {
        const signal = AbortSignal.any([ended, withdrawn]);
        signal.throwIfAborted();
        checkExtent(request);
        count += 1;
        const id = count;
        if (id > questionLimits.perCall) {
          throw new AppError('loop_limit', `A call can ask ${questionLimits.perCall} times`);
        }
        const { promise, resolve, reject } = Promise.withResolvers<JsonObject>();
        const key = `${routing.callId} ${id}`;
        waiting.set(key, { routing, resolve, reject });
        let unheard = 0;
        const tell = async () => {
          const heardBy = await send({ kind: 'ask', id, answerTo: workerId, request });
          unheard = heardBy > 0 ? 0 : unheard + 1;
          if (unheard >= UNHEARD_MAX) reject(declined('Nobody is there any more who could be asked'));
        };
        const timer = setInterval(() => void tell(), REPEAT_MS);
        const onAbort = () => reject(signal.reason);
        signal.addEventListener('abort', onAbort, { once: true });
        void tell();
        try {
          return await promise;
        } catch (thrown) {
          void send({ kind: 'withdraw', id });
          throw thrown;
        } finally {
          clearInterval(timer);
          signal.removeEventListener('abort', onAbort);
          waiting.delete(key);
        }
      };
    },
    accept(text) {
      const message = readAnswerMessage(text);
      const question = waiting.get(`${message.callId} ${message.id}`);
      if (question === undefined) return;
      try {
        const answer = openAnswer(cipher, question.routing, message);
        if (answer.kind === 'answered') question.resolve(answer.result);
        else question.reject(declined(answer.message));
      } catch {
        onEvent({ type: 'answer_rejected', callId: message.callId });
      }
    },
  };
}

function checkExtent(request: InputRequest): void {
  const { bytesMax } = questionLimits;
  if (Buffer.byteLength(JSON.stringify(request)) <= bytesMax) return;
  throw new AppError('payload_too_large', `A question may have ${bytesMax} bytes`);
}

function declined(message: string): AppError {
  return new AppError('input_declined', message);
}
