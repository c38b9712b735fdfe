import { randomUUID } from 'node:crypto';
import {
  type Ability,
  AppError,
  abilitiesFor,
  abilityFor,
  type ErrorCode,
  type ExternalQuestion,
  type InputRequest,
  type Json,
  type JsonObject,
  questionLimits,
} from '@toolplane/contracts';
import { cleanAnswer } from '../../external-mcp/clean-answer.ts';
import { cleanQuestion } from '../../external-mcp/clean-question.ts';
import type { ExternalRequest } from '../../external-mcp/external-request.ts';
import type { AnswerQuestion } from '../../external-mcp/server-questions.ts';
import { type Run, redactorOf } from '../run.ts';
import { finishMs } from '../send-in-time.ts';

/** The time that is left for the server if nobody has answered, so that it can report what it has done. */
const SERVER_MS = 5000;

/**
 * Errors that mean that there is no answer: nobody gave one, or it was invalid and the client cannot be asked again.
 */
const NO_ANSWER: ReadonlySet<ErrorCode> = new Set(['input_declined', 'invalid_input_response']);

/**
 * Returns what the client behind the call can be asked for, limited to what the operator lets this external server ask
 * for.
 */
export function abilitiesOf({ prepared: { plan }, call }: Run): Ability[] {
  const allowed = abilitiesFor(plan.external?.allow ?? []);
  return (call.abilities ?? []).filter((ability) => allowed.includes(ability));
}

/**
 * Returns the same for questions that a server asks while it works: empty for a client that cannot be asked during a
 * call.
 */
export function abilitiesDuringCall(run: Run): Ability[] {
  return run.call.canAskMeanwhile === true ? abilitiesOf(run) : [];
}

/**
 * Called with the capabilities that the server needs and the client lacks; throws if the operator does not allow one of
 * them.
 */
export function checkAllowed({ prepared: { plan } }: Run, { details }: AppError): void {
  const { requiredCapabilities = {} } = (details ?? {}) as { requiredCapabilities?: JsonObject };
  const forbidden = Object.keys(requiredCapabilities).find(
    (it) => !plan.external?.allow?.includes(it as ExternalQuestion),
  );
  if (forbidden === undefined) return;
  const message = `The external server needs to ask for something that it may not ask for: its \`allow\` lacks ${forbidden}`;
  throw new AppError('external_server_failed', message);
}

/** Passes questions that a legacy server asks in the middle of a call to the client behind the call. */
export function createAnswerQuestion(run: Run): Pick<ExternalRequest, 'onQuestion' | 'onElicitationComplete'> {
  const abilities = abilitiesDuringCall(run);
  if (abilities.length === 0) return {};
  const pages = createPages();
  const { call, deadline, prepared, services } = run;
  const onQuestion: AnswerQuestion = async (request, withdrawn) => {
    if (!abilities.includes(abilityFor(request))) {
      throw new AppError('client_capability_missing', 'The client does not support this kind of request');
    }
    const cleaned = cleanQuestion(redacted(run, request), prepared.plan.external?.serverName ?? '');
    const question = pages.named(cleaned, request.params['elicitationId']);
    // A person may take longer to answer than a call may hold its slot in the worker.
    call.leaveSlot();
    const leftMs = deadline - services.clock.now() - finishMs(prepared.plan.deadlineMs);
    const timeoutMs = Math.max(leftMs - SERVER_MS, leftMs / 2);
    const enough = new AbortController();
    const timer = setTimeout(() => enough.abort(unanswered()), timeoutMs);
    const onWithdrawn = () => enough.abort(unanswered());
    withdrawn.addEventListener('abort', onWithdrawn, { once: true });
    if (withdrawn.aborted) onWithdrawn();
    try {
      const check = (answer: JsonObject) => void cleanAnswer(question, answer);
      return cleanAnswer(question, await call.ask(question, enough.signal, check));
    } catch (thrown) {
      const isDeclined = thrown instanceof AppError && NO_ANSWER.has(thrown.code);
      // MCP has a separate result for a question that nobody answered.
      if (isDeclined && question.method === 'elicitation/create') return { action: 'cancel' };
      throw thrown;
    } finally {
      clearTimeout(timer);
      withdrawn.removeEventListener('abort', onWithdrawn);
    }
  };
  return {
    onQuestion,
    onElicitationComplete(ofServer) {
      const elicitationId = pages.done(ofServer);
      if (elicitationId !== undefined) call.notify({ kind: 'elicitation_complete', elicitationId });
    },
  };
}

/**
 * The pages that a person was sent to in this call, by the ids that the server gave them. The completion of each is
 * reported once.
 */
function createPages() {
  const ids = new Map<Json, string>();
  return {
    /**
     * Replaces the server's id: if two servers chose the same id, it would reveal pages of other servers to clients.
     */
    named(question: InputRequest, ofServer: Json | undefined): InputRequest {
      if (abilityFor(question) !== 'elicitation.url' || typeof ofServer !== 'string') return question;
      const elicitationId = randomUUID();
      if (ids.size < questionLimits.perCall) ids.set(ofServer, elicitationId);
      return { ...question, params: { ...question.params, elicitationId } };
    },
    done(ofServer: string): string | undefined {
      const elicitationId = ids.get(ofServer);
      ids.delete(ofServer);
      return elicitationId;
    },
  };
}

function redacted(run: Run, { method, params }: Parameters<AnswerQuestion>[0]): Parameters<AnswerQuestion>[0] {
  return { method, params: redactorOf(run).redact(params) as typeof params };
}

function unanswered(): AppError {
  return new AppError('input_declined', 'Nobody answered in time');
}
