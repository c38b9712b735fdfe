import {
  abilityFor,
  capabilitiesFor,
  type FinalOutcome,
  type InputRequired,
  type Json,
  type JsonObject,
} from '@toolplane/contracts';
import { readCaller } from '../callers/read-caller.ts';
import { readHops } from '../callers/read-hops.ts';
import { readTrace } from '../callers/trace-carrier.ts';
import { callTarget, type ToolCallAnswer } from '../calls/call-target.ts';
import { abandonCall, continueCall } from '../calls/continue-call.ts';
import type { Held } from '../calls/held.ts';
import { REPLY_KEPT_MS } from '../calls/keyed-records.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { TargetCall } from '../calls/target-call.ts';
import type { LinkParts } from '../connections/connect-link.ts';
import type { Edge } from '../edge.ts';
import type { Target } from '../manifests/hosted-server.ts';
import { readInputResponses } from '../protocol/input-responses.ts';
import { invalidParams } from '../protocol/mcp-error.ts';
import { missingCapability } from '../protocol/missing-capability.ts';
import { metaKeys } from '../protocol/protocol.ts';
import type { TextResult } from '../protocol/result.ts';
import { type AskParts, askClient } from './ask-client.ts';
import { CONNECT_STATE, offerConnection } from './offer-connection.ts';
import { type AskingRequest, sealRequestState, type UsedState, useRequestState } from './request-state.ts';

/** What a call that may ask its client uses of the edge. */
export type QuestionParts = AskParts & LinkParts & Pick<Edge, 'callSlots' | 'cipher' | 'usedOnce'>;

/** `isHeld` means that the call has begun and waits for the answers. */
export type InputRequiredAnswer = { inputRequired: TextResult; isHeld?: boolean };

/** Runs a target for a request. If its plan or a policy asks, the client is asked in the way of its era. */
export async function runWithQuestions(
  edge: QuestionParts,
  asking: AskingRequest,
): Promise<ToolCallAnswer | InputRequiredAnswer> {
  const { request, target, callArguments, gate } = asking;
  const call: TargetCall = {
    ...toTargetCall(request, target, callArguments),
    ...recordedOf(asking),
    ...eventsOf(request),
    admit: gate?.admit,
  };
  if (request.era === 'legacy') return finishCall(edge, asking, await runAsking(edge, asking, call));
  const answered = await readAnswers(edge, asking);
  const { used, responses = {} } = answered;
  if (used?.held !== undefined) {
    return finishModernCall(edge, answered, await continueCall(edge, call, used.held, responses));
  }
  const holds = target.asks && request.client.abilities.size > 0;
  return finishModernCall(edge, answered, await callTarget(edge, { ...call, ...answered.answers, holds }));
}

/** Returns the data of the call that was recorded with its idempotency key. */
function recordedOf({ keyed }: AskingRequest): Pick<TargetCall, 'callId' | 'deadline' | 'keepReplyMs'> {
  if (keyed?.call === undefined) return {};
  const { callId, deadline } = keyed.call;
  return { callId, deadline, keepReplyMs: REPLY_KEPT_MS };
}

/**
 * Runs a call for a legacy client and releases its approvals if it ends before it has started: nothing is executed
 * while the client is asked.
 */
async function runAsking(edge: AskParts, asking: AskingRequest, call: TargetCall): Promise<ToolCallAnswer> {
  let hasStarted = false;
  try {
    const answer = await askClient(edge, asking.request, call, asking);
    hasStarted = answer.outcome.outcome !== 'not_started';
    return answer;
  } finally {
    if (!hasStarted) asking.gate?.release();
  }
}

/** Returns the answer to a call that has ended, or the page that the person has to open before it can run. */
export async function finishCall(
  edge: QuestionParts,
  asking: AskingRequest,
  answer: ToolCallAnswer,
): Promise<ToolCallAnswer | InputRequiredAnswer> {
  if (asking.request.era === 'modern') return finishModernCall(edge, { asking, used: undefined }, answer);
  const offer = await offerConnection(edge, asking, answer, { wasAsked: false });
  return 'answer' in offer ? offer.answer : answer;
}

export function toTargetCall(request: McpRequest, target: Target, callArguments: unknown): TargetCall {
  const { server, principal, method, protocolVersion, signal } = request;
  return {
    server,
    principal,
    target,
    method,
    callArguments,
    protocolVersion,
    signal,
    clientInfo: clientInfoOf(request),
    caller: readCaller(request, target),
    ...readHops(request.headers),
    trace: readTrace(request),
  };
}

export function clientInfoOf({ era, meta, session }: McpRequest): unknown {
  return era === 'modern' ? meta[metaKeys.clientInfo] : session?.client;
}

/** A request of a modern client, with its answers to the questions of the plan. */
export type AnsweredRequest = {
  asking: AskingRequest;
  answers: Pick<TargetCall, 'asking'>;
  used: UsedState | undefined;
  responses?: Record<string, JsonObject> | undefined;
};

/** Reads the answers and the state from a request. Without a state, the plan starts from the beginning. */
export async function readAnswers(
  edge: Pick<Edge, 'cipher' | 'store' | 'usedOnce'>,
  asking: AskingRequest,
): Promise<AnsweredRequest> {
  const { request, target, gate } = asking;
  const responses = readInputResponses(request.params);
  const { requestState } = request.params;
  const used = requestState === undefined ? undefined : await useRequestState(edge, asking, requestState);
  if (used !== undefined) gate?.resume(used.gateState);
  const inputResponses = responses && gate !== undefined ? gate.receiveAnswers(responses) : responses;
  if (!target.asks) return { asking, answers: {}, used };
  const answers: AnsweredRequest['answers'] = {
    asking: {
      abilities: [...request.client.abilities],
      ...(inputResponses === undefined ? {} : { inputResponses: inputResponses as Record<string, Json> }),
      ...(used?.state === undefined ? {} : { state: used.state }),
    },
  };
  return { asking, answers, used, responses: inputResponses };
}

/**
 * Converts an outcome for a modern client. The modern era has separate results and errors for two cases: the client is
 * asked, or it cannot be asked.
 */
export async function finishModernCall(
  edge: QuestionParts,
  { asking, used }: Pick<AnsweredRequest, 'asking' | 'used'>,
  { outcome, held, ...found }: ToolCallAnswer<FinalOutcome | InputRequired>,
): Promise<ToolCallAnswer | InputRequiredAnswer> {
  if (outcome.outcome === 'input_required') {
    const inputRequired = await toInputRequired(edge, { asking, used }, outcome, held);
    return { inputRequired, isHeld: held !== undefined };
  }
  const offer = await offerConnection(edge, asking, { outcome, ...found }, { wasAsked: used?.state === CONNECT_STATE });
  // The new state replaces the used one.
  if ('url' in offer) {
    return { inputRequired: toResult(edge, asking, offer.url, { state: CONNECT_STATE, after: used }) };
  }
  // A person must not be asked again because a call was refused at a bad moment or an answer had a typing error. But an
  // approved call must not run again because Redis alone says that it did not run.
  const isOver = found.isUnanswered && used !== undefined && hasApproval(used);
  if (outcome.outcome === 'not_started' && !isOver) await used?.release();
  const code = outcome.ok ? undefined : outcome.error.code;
  if (!outcome.ok && code === 'client_capability_missing') {
    const { requiredCapabilities } = outcome.error.details as { requiredCapabilities: JsonObject };
    throw missingCapability(outcome.error.message, requiredCapabilities);
  }
  if (!outcome.ok && code === 'invalid_input_response') throw invalidParams(outcome.error.message);
  return offer.answer;
}

function hasApproval({ gateState: { asked, approved = [] } }: UsedState): boolean {
  return asked !== undefined || approved.length > 0;
}

async function toInputRequired(
  edge: Pick<Edge, 'callSlots' | 'calls' | 'cipher'>,
  { asking, used }: Pick<AnsweredRequest, 'asking' | 'used'>,
  { inputRequests, state }: InputRequired,
  held: Held | undefined,
): Promise<TextResult> {
  const requests = Object.values(inputRequests);
  const missing = requests.map(abilityFor).find((ability) => !asking.request.client.abilities.has(ability));
  if (missing !== undefined) {
    // Nobody would ever answer this question.
    if (held === undefined) asking.gate?.release();
    else await abandonCall(edge, held);
    throw missingCapability(`The client cannot be asked (${missing})`, capabilitiesFor([missing]));
  }
  const asked = Object.entries(inputRequests).map(([key, { method, params }]) => {
    // The id of the page has a use only before 2026-07-28.
    const { elicitationId: _, ...shown } = params;
    return [key, { method, params: shown }] as const;
  });
  return toResult(edge, asking, Object.fromEntries(asked), { state, held, after: used });
}

function toResult(
  edge: Pick<Edge, 'cipher'>,
  asking: AskingRequest,
  inputRequests: JsonObject,
  known: Parameters<typeof sealRequestState>[2],
): TextResult {
  const requestState = sealRequestState(edge, asking, known);
  return { kind: 'input_required', members: JSON.stringify({ inputRequests, requestState }).slice(1, -1) };
}

/** The token is repeated with each notification, so a longer one is ignored. */
const PROGRESS_TOKEN_LENGTH_MAX = 256;

/** Returns undefined if the client does not want progress notifications. */
export function readProgressToken({ progressToken }: McpRequest['meta']): string | number | undefined {
  const isText = typeof progressToken === 'string' && progressToken.length <= PROGRESS_TOKEN_LENGTH_MAX;
  return isText || Number.isSafeInteger(progressToken) ? (progressToken as string | number) : undefined;
}

/** Returns the events that the client wants while the call runs, and the function that sends them. */
export function eventsOf({ meta, logLevel, notify, ask }: McpRequest): Pick<TargetCall, 'events' | 'onEvent'> {
  const progressToken = readProgressToken(meta);
  const wantsProgress = progressToken !== undefined;
  let reported = Number.NEGATIVE_INFINITY;
  const wantsEvents = wantsProgress || logLevel !== undefined;
  if (notify === undefined || (!wantsEvents && ask === undefined)) return {};
  return {
    ...(wantsEvents ? { events: { progress: wantsProgress, ...(logLevel === undefined ? {} : { logLevel }) } } : {}),
    onEvent(event) {
      if (event.kind === 'elicitation_complete') {
        // This notification does not exist from 2026-07-28 on.
        if (ask !== undefined) notify('notifications/elicitation/complete', { elicitationId: event.elicitationId });
      } else if (event.kind === 'log') {
        notify('notifications/message', { level: event.level, logger: 'toolplane', data: event.data });
      } else {
        // A call that was restarted after its worker was lost reports from the beginning again, but progress may only
        // grow.
        if (event.progress <= reported) return;
        reported = event.progress;
        const { kind: _, ...progress } = event;
        notify('notifications/progress', { progressToken, ...progress } as JsonObject);
      }
    },
  };
}
