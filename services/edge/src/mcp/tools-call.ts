import { randomUUID } from 'node:crypto';
import { type ErrorCode, type Failure, failed, type JsonObject } from '@toolplane/contracts';
import { requireScopes } from '../callers/scopes.ts';
import { recordUnsent, type ToolCallAnswer } from '../calls/call-target.ts';
import { readIdempotencyKey } from '../calls/idempotency-key.ts';
import type { Findable, KeyedAttempt } from '../calls/keyed-records.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import { type RunResult, runHeld, runOnce } from '../calls/run-once.ts';
import { toToolResult } from '../calls/tool-result.ts';
import type { Edge } from '../edge.ts';
import type { HostedServer, HostedTool } from '../manifests/hosted-server.ts';
import { metaTools } from '../meta-tools/call-meta-tool.ts';
import type { CallGate } from '../policies/gated-call.ts';
import { missingTasks } from '../protocol/missing-capability.ts';
import { TASKS_EXTENSION } from '../protocol/protocol.ts';
import type { Result } from '../protocol/result.ts';
import { openRequestGate } from '../questions/open-request-gate.ts';
import { type AskingRequest, peekHeld } from '../questions/request-state.ts';
import {
  finishCall,
  type InputRequiredAnswer,
  type QuestionParts,
  runWithQuestions,
  toTargetCall,
} from '../questions/run-with-questions.ts';
import type { HandleMethod } from './handle.ts';
import { checkParameterHeaders } from './parameter-headers.ts';
import { startTask } from './start-task.ts';
import { unknownTool } from './unknown-tool.ts';

/** `tools/call`, including everything that the hot path omits. */
export const callTool: HandleMethod = async (request, edge) => {
  const { params, server, era, headers } = request;
  const { name } = params;
  const callMetaTool = server.isSmart && typeof name === 'string' ? metaTools.get(name) : undefined;
  if (callMetaTool !== undefined) return callMetaTool(edge, request);
  const hosted = typeof name === 'string' ? server.tools.get(name) : undefined;
  if (hosted === undefined) throw unknownTool(server, name);
  requireScopes(request.principal, hosted.tool);
  if (era === 'modern') checkParameterHeaders(hosted.headers, params['arguments'], headers);
  const gate = openRequestGate(edge, request, hosted, hosted.tool.name);
  const key = readIdempotencyKey(request);
  const asking: AskingRequest = { request, target: hosted.target, callArguments: params['arguments'], gate };
  const run = async (keyed?: KeyedAttempt): Promise<RunResult> =>
    toRunResult(await runTool(edge, { ...asking, keyed }, hosted), {
      isKeyed: key !== undefined,
      isRepeatable: hosted.target.isRepeatable,
    });
  const held = peekHeld(edge, asking);
  if (held !== undefined) return runHeld(edge, server, held, run);
  if (key === undefined) return (await run()).result;
  const target = gate === undefined ? hosted.target : { ...hosted.target, asks: true };
  const onRefused = (failure: Failure) =>
    void recordUnsent(edge, toTargetCall(request, target, params['arguments']), failure);
  const findable = toFindable(edge, server, { ...hosted, target });
  return runOnce(edge, { request, target, key, findable, onRefused }, run);
};

/** Answers a call that the hot path has made, in the way in which `callTool` answers one. */
export async function answerEndedCall(
  edge: QuestionParts,
  request: McpRequest,
  { target }: HostedTool,
  gate: CallGate | undefined,
  ended: ToolCallAnswer,
): Promise<Result> {
  const asking = { request, target, callArguments: request.params['arguments'], gate };
  return toRunResult(await finishCall(edge, asking, ended), { isRepeatable: target.isRepeatable }).result;
}

/**
 * Returns the functions for describing and finding a call if its key stands for a single call: the tool asks nobody, is
 * not a task, and is not called again if its worker is lost.
 */
function toFindable(
  { calls }: Pick<Edge, 'calls'>,
  { manifest }: HostedServer,
  { tool, target }: HostedTool,
): Findable | undefined {
  if (target.asks || target.isRepeatable || tool.task !== undefined) return undefined;
  const { deadlineMs, pool } = target;
  return {
    describe: () => calls.describe(randomUUID(), manifest.workspaceId, Date.now() + deadlineMs, pool),
    find: calls.find,
  };
}

type Answer = ToolCallAnswer | InputRequiredAnswer | { task: JsonObject };

function runTool(edge: QuestionParts, asking: AskingRequest, { tool }: HostedTool): Promise<Answer> | Answer {
  const { request } = asking;
  if (tool.task !== undefined && request.client.knowsTasks) return startTask(edge, asking, tool);
  if (tool.task !== 'required') return runWithQuestions(edge, asking);
  if (request.era === 'modern') throw missingTasks();
  const message = 'This tool runs only as a task, which requires MCP 2026-07-28 and its tasks extension';
  const details = { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } };
  return { outcome: failed('not_started', 'client_capability_missing', message, { details }), traceId: undefined };
}

/** Returns whether this edge did not wait for the end, which is stored for a later request. */
function isFoundLater(outcome: ToolCallAnswer['outcome']): boolean {
  return !outcome.ok && outcome.outcome === 'unknown' && notWaitedFor.has(outcome.error.code);
}

const notWaitedFor: ReadonlySet<ErrorCode> = new Set([
  'shutting_down',
  'queue_unavailable',
  'deadline_exceeded',
  'cancelled',
]);

function toRunResult(answer: Answer, safety: Parameters<typeof toToolResult>[1]): RunResult {
  if ('inputRequired' in answer) {
    const { inputRequired: result, isHeld = false } = answer;
    return { result, isFinal: false, isHeld };
  }
  if ('task' in answer) {
    return { result: { kind: 'task', members: JSON.stringify(answer.task).slice(1, -1) }, isFinal: true };
  }
  const result = toToolResult(answer, safety);
  const { outcome, traceparent } = answer;
  return { result, isFinal: outcome.outcome !== 'not_started', isFoundLater: isFoundLater(outcome), traceparent };
}
