import { type CallAnswer, type CallOrder, type JsonObject, type OrderAnswer, toAppError } from '@toolplane/contracts';
import type { ReplyRouting, Routing } from './envelope.ts';
import type { Recipient, SendEvent } from './event-sender.ts';
import { createShares, shareOf } from './share.ts';

/**
 * How many calls of one tenant one worker holds, so that calls that wait for one tenant's people do not hinder other
 * tenants.
 */
const HELD_PER_TENANT_MAX = 10;
const MESSAGE_LENGTH_MAX = 500;

/** A question that nobody has answered yet. */
type OpenQuestion = { settle(answer: CallAnswer): void; check(answer: JsonObject): void; report(): void };

/** A call of this worker that has asked something. */
export type AskingCall = {
  readonly routing: ReplyRouting & Pick<Routing, 'lease'>;
  readonly hearer: Recipient;
  readonly send: SendEvent;
  readonly questions: Map<number, OpenQuestion>;
  /** The client has the questions of this call: no events are sent for them. */
  isHeld: boolean;
  /** The round of the last accepted order. */
  round: number;
};

/**
 * Makes a call wait for its client to come back, or continue with the answers of that client. The same order is
 * executed only once.
 */
export function createOrderTaker(
  calls: ReadonlyMap<string, AskingCall>,
  heldMax: number,
): (call: AskingCall, round: number, order: CallOrder) => void {
  function refusalToHold({ routing }: AskingCall): OrderAnswer['refusal'] {
    const held = [...calls.values()].filter(({ isHeld }) => isHeld);
    const ofTenant = held.filter((other) => other.routing.tenant === routing.tenant);
    const shares = createShares(heldMax);
    for (const other of held) shares.take(shareOf(other.routing));
    if (shares.mayTake(shareOf(routing).organization, 1) && ofTenant.length < HELD_PER_TENANT_MAX) return undefined;
    return { code: 'tenant_busy', message: 'Too many calls are waiting for answers of their clients' };
  }

  return (call, round, order) => {
    if (round < call.round) return;
    const { hearer, send, questions } = call;
    const to = order.kind === 'go_on' ? order.hearer : hearer.id;
    const answer = (refusal?: OrderAnswer['refusal']) =>
      void send({ kind: 'order', round, ...(refusal === undefined ? {} : { refusal }) }, to);
    if (round === call.round && (call.isHeld || order.kind === 'go_on')) return answer();
    const refusal = order.kind === 'hold' ? refusalToHold(call) : refusalToGoOn(call, order.answers);
    if (refusal !== undefined) return answer(refusal);
    call.round = round;
    call.isHeld = order.kind === 'hold';
    answer();
    if (order.kind === 'hold') {
      hearer.wasHeld = true;
      return;
    }
    hearer.id = order.hearer;
    for (const [id, given] of order.answers) questions.get(id)?.settle(given);
    for (const { report } of questions.values()) report();
  };
}

/** Accepts all answers or none, so that a client with one invalid answer may send them all again. */
function refusalToGoOn(
  { questions }: AskingCall,
  answers: readonly (readonly [id: number, answer: CallAnswer])[],
): OrderAnswer['refusal'] {
  for (const [id, answer] of answers) {
    if (answer.kind !== 'answered') continue;
    try {
      questions.get(id)?.check(answer.result);
    } catch (thrown) {
      return { code: 'invalid_input_response', message: toAppError(thrown).message.slice(0, MESSAGE_LENGTH_MAX) };
    }
  }
  return undefined;
}
