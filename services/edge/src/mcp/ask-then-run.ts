import { abilityFor, type FinalOutcome, type InputRequired, type Json, type JsonObject } from '@toolplane/contracts';
import { readRequestConfig } from '../callers/request-config.ts';
import { readTraceCarrier } from '../callers/trace-carrier.ts';
import { type AskingRequest, sealRequestState, useRequestState } from '../calls/request-state.ts';
import type { Edge } from '../edge.ts';
import type { Target } from '../manifests/hosted-server.ts';
import { askClient } from './ask-client.ts';
import { callTarget, type TargetCall, type ToolCallAnswer } from './call-target.ts';
import { readInputResponses } from './input-responses.ts';
import { invalidParams, type McpRequest, type TextResult } from './mcp-request.ts';
import { capabilitiesOf, missingCapability } from './missing-capability.ts';

/** Runs a target for a request; where its plan asks, the client is asked by the ways of its era. */
export async function askThenRun(
  edge: Edge,
  request: McpRequest,
  target: Target,
  callArguments: unknown,
): Promise<ToolCallAnswer | { inputRequired: TextResult }> {
  const call: TargetCall = { ...toTargetCall(request, target, callArguments), ...eventsOf(request) };
  if (request.era === 'legacy') return askClient(edge, request, call);
  const asking = { request, target, callArguments };
  const answers = await readAnswers(edge, asking);
  return toModernAnswer(edge, asking, await callTarget(edge.calls, { ...call, ...answers }));
}

export function toTargetCall(request: McpRequest, target: Target, callArguments: unknown): TargetCall {
  const { server, method, protocolVersion, signal } = request;
  return {
    ...{ server, target, method, callArguments, protocolVersion, signal },
    config: readRequestConfig(request.headers),
    traceCarrier: readTraceCarrier(request.meta, request.headers),
  };
}

/** What a modern client brings along for the questions of a plan. Without its state the plan starts from the beginning. */
export async function readAnswers(edge: Edge, asking: AskingRequest): Promise<Pick<TargetCall, 'asking'>> {
  const { request, target } = asking;
  const inputResponses = readInputResponses(request.params);
  const { requestState } = request.params;
  const state = requestState === undefined ? undefined : await useRequestState(edge, asking, requestState);
  if (!target.asks) return {};
  return {
    asking: {
      abilities: [...request.client.abilities],
      ...(inputResponses === undefined ? {} : { inputResponses: inputResponses as Record<string, Json> }),
      ...(state === undefined ? {} : { state }),
    },
  };
}

/** What the modern era has errors and results of its own for: to be asked, and not to be able to be asked. */
export function toModernAnswer(
  edge: Edge,
  asking: AskingRequest,
  { outcome, traceId }: ToolCallAnswer<FinalOutcome | InputRequired>,
): ToolCallAnswer | { inputRequired: TextResult } {
  if (outcome.outcome === 'input_required') return { inputRequired: toInputRequired(edge, asking, outcome) };
  const code = outcome.ok ? undefined : outcome.error.code;
  if (!outcome.ok && code === 'client_capability_missing') {
    const { requiredCapabilities } = outcome.error.details as { requiredCapabilities: JsonObject };
    throw missingCapability(outcome.error.message, requiredCapabilities);
  }
  if (!outcome.ok && code === 'invalid_input_response') throw invalidParams(outcome.error.message);
  return { outcome, traceId };
}

function toInputRequired(edge: Edge, asking: AskingRequest, { inputRequests, state }: InputRequired): TextResult {
  const requests = Object.values(inputRequests);
  const missing = requests.map(abilityFor).find((ability) => !asking.request.client.abilities.has(ability));
  if (missing !== undefined)
    throw missingCapability(`The client cannot be asked (${missing})`, capabilitiesOf[missing]);
  const requestState = sealRequestState(edge, asking, state);
  return { kind: 'input_required', members: JSON.stringify({ inputRequests, requestState }).slice(1, -1) };
}

/** What the client wants to hear of while the call runs, and how it is told. */
function eventsOf({ meta, logLevel, notify }: McpRequest): Pick<TargetCall, 'events' | 'onEvent'> {
  const { progressToken } = meta;
  const wantsProgress = typeof progressToken === 'string' || Number.isSafeInteger(progressToken);
  if (notify === undefined || (!wantsProgress && logLevel === undefined)) return {};
  return {
    events: { progress: wantsProgress, ...(logLevel === undefined ? {} : { logLevel }) },
    onEvent(event) {
      if (event.kind === 'log') {
        notify('notifications/message', { level: event.level, logger: 'toolplane', data: event.data });
      } else {
        const { kind: _, ...progress } = event;
        notify('notifications/progress', { progressToken, ...progress } as JsonObject);
      }
    },
  };
}
