import { randomUUID } from 'node:crypto';
import {
  AppError,
  abilityFor,
  capabilitiesFor,
  type Failure,
  failed,
  type InputRequest,
  type InputRequired,
  isJsonObject,
  type Json,
  type JsonObject,
  type ToolCall,
  toAppError,
} from '@toolplane/contracts';
import { ASK_MS_MAX, startBoundedWait } from '../calls/bounded-wait.ts';
import { type CallParts, callTarget, type ToolCallAnswer } from '../calls/call-target.ts';
import { renewKey, writtenBy } from '../calls/keyed-records.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { TargetCall } from '../calls/target-call.ts';
import type { Edge } from '../edge.ts';
import { McpError, rpcCodes } from '../protocol/mcp-error.ts';
import { toFailure } from '../protocol/to-failure.ts';
import { retryInBackground } from '../retry-in-background.ts';
import { watchSessionEnd } from '../sessions/watch-end.ts';
import type { AskingRequest } from './request-state.ts';

/** What asking a legacy client uses of the edge. */
export type AskParts = CallParts & Pick<Edge, 'openStreams' | 'stopping'>;

const ROUNDS_MAX = 20;

/**
 * Runs a call for a legacy client, and asks the client on the open stream as often as the plan and its gate require,
 * before and during the run. From the first question on, the stream counts as a long one, of which each caller may have
 * a limited number, and the wait ends if the client's session ends.
 */
export async function askClient(
  edge: AskParts,
  request: McpRequest,
  call: TargetCall,
  { gate, keyed }: Pick<AskingRequest, 'gate' | 'keyed'>,
): Promise<ToolCallAnswer> {
  using slot = new DisposableStack();
  let waiting: AbortSignal | undefined;
  const startWaiting = () => {
    if (waiting !== undefined) return waiting;
    slot.defer(edge.openStreams.acquire(request.principal, request.server.manifest));
    const { signal } = slot.use(watchSessionEnd(edge.store, request.session));
    waiting = AbortSignal.any([request.signal, signal]);
    return waiting;
  };
  const abilities = [...request.client.abilities];
  const meanwhile = call.target.asks ? answerMeanwhile(edge, request, startWaiting) : {};
  let answers: Pick<ToolCall, 'inputResponses' | 'state'> = {};
  for (let round = 1; ; round += 1) {
    const asking = call.target.asks ? { asking: { abilities, ...answers } } : {};
    const { outcome, ...found } = await callTarget(edge, { ...call, ...asking, ...meanwhile });
    if (outcome.outcome !== 'input_required') return { outcome, ...found };
    const refusal =
      round > ROUNDS_MAX
        ? failed('not_started', 'loop_limit', `The tool asked more than ${ROUNDS_MAX} times`)
        : refusalOf(request, outcome);
    if (refusal !== undefined) return { outcome: refusal, ...found };
    // A request that waits for the result of this idempotency key has to know that it takes longer.
    if (keyed !== undefined) await retryInBackground(() => renewKey(edge, keyed, writtenBy(call.target, ASK_MS_MAX)));
    let asked: Record<string, Json>;
    try {
      asked = await askAll(edge, request, startWaiting(), outcome);
    } catch (thrown) {
      return { outcome: toFailure(thrown), ...found };
    }
    const inputResponses = gate?.receiveAnswers(asked) ?? asked;
    answers = { inputResponses, ...(outcome.state === undefined ? {} : { state: outcome.state }) };
  }
}

/**
 * Answers questions during the call, for clients that can be asked on the stream. The bus withdraws questions that the
 * call no longer waits for.
 */
function answerMeanwhile(
  edge: Pick<Edge, 'stopping'>,
  request: McpRequest,
  startWaiting: () => AbortSignal,
): Pick<TargetCall, 'onQuestion'> {
  if (request.ask === undefined || request.client.abilities.size === 0) return {};
  return {
    async onQuestion(inputRequest, over) {
      if (!request.client.abilities.has(abilityFor(inputRequest)))
        throw declined('The client does not support this kind of request');
      using boundedWait = startBoundedWait(edge, { signal: startWaiting() });
      // The bounded wait is disposed when this function returns.
      return await askOne(request, inputRequest, AbortSignal.any([boundedWait.signal, over]));
    },
  };
}

/** Returns the failure if these requests cannot be sent to this client. */
function refusalOf(request: McpRequest, { inputRequests }: InputRequired): Failure | undefined {
  const requests = Object.values(inputRequests);
  const missing = requests.map(abilityFor).find((ability) => !request.client.abilities.has(ability));
  if (missing === undefined && request.ask !== undefined) return undefined;
  const isByUrl = missing === undefined && requests.every((it) => abilityFor(it) === 'elicitation.url');
  if (isByUrl && request.protocolVersion === '2025-11-25') throw urlElicitationRequired(requests);
  const ability = missing ?? abilityFor(requests[0] as InputRequest);
  const message =
    missing === undefined
      ? 'The tool has to ask the client, which requires a session and a client that accepts text/event-stream'
      : `The tool has to ask the client, which did not declare support for this (${missing})`;
  return failed('not_started', 'client_capability_missing', message, {
    details: { requiredCapabilities: capabilitiesFor([ability]) },
  });
}

/** The error with which MCP 2025-11-25 sends a person to a page without asking the client anything. */
export function urlElicitationRequired(requests: InputRequest[]): McpError {
  const elicitations = requests.map(({ params }) => withElicitationId(params));
  return new McpError(rpcCodes.urlElicitationRequired, 'The person has to open a page first', {
    data: { elicitations },
  });
}

/** Asks all questions of a round at once. If one of them fails, the unanswered ones are withdrawn. */
async function askAll(
  edge: Pick<Edge, 'stopping'>,
  request: McpRequest,
  waiting: AbortSignal,
  { inputRequests }: InputRequired,
): Promise<Record<string, Json>> {
  using boundedWait = startBoundedWait(edge, { signal: waiting });
  boundedWait.signal.throwIfAborted();
  const timer = setTimeout(() => boundedWait.end(declined('The client did not answer in time')), ASK_MS_MAX);
  try {
    const answers = await Promise.all(
      Object.entries(inputRequests).map(
        async ([key, it]) => [key, await askOne(request, it, boundedWait.signal)] as const,
      ),
    );
    return Object.fromEntries(answers);
  } finally {
    clearTimeout(timer);
  }
}

async function askOne({ ask }: McpRequest, inputRequest: InputRequest, boundedWait: AbortSignal): Promise<JsonObject> {
  try {
    const answer = await ask?.(toLegacyRequest(inputRequest), boundedWait);
    if (isJsonObject(answer)) return answer;
    throw declined('The answer of the client is not an object');
  } catch (thrown) {
    const isDeclined = toAppError(thrown).code === 'input_declined';
    // The person may always decline, and the plan decides what that means.
    if (isDeclined && inputRequest.method === 'elicitation/create') return { action: 'cancel' };
    throw thrown;
  }
}

function toLegacyRequest(inputRequest: InputRequest): InputRequest {
  if (abilityFor(inputRequest) !== 'elicitation.url') return inputRequest;
  return { ...inputRequest, params: withElicitationId(inputRequest.params) };
}

/**
 * Adds an `elicitationId`. The id was removed in 2026-07-28, so plans have none. Requests of external servers have one,
 * which these servers refer to later.
 */
function withElicitationId(params: InputRequest['params']): InputRequest['params'] {
  return { elicitationId: randomUUID(), ...params };
}

function declined(message: string): AppError {
  return new AppError('input_declined', message);
}
