import { AppError, type Failure, type Json } from '@toolplane/contracts';
import { compileJsonSchema } from '@toolplane/json-schema';
import { InsufficientScope } from '../callers/scopes.ts';
import { readTrace, traceWithin } from '../callers/trace-carrier.ts';
import { endCallSpan, type FoundBy, foundBy, startCallSpan } from '../calls/call-span.ts';
import { toInvalidArguments } from '../calls/call-target.ts';
import { readIdempotencyKey } from '../calls/idempotency-key.ts';
import type { KeyedAttempt } from '../calls/keyed-records.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import { type RunResult, runHeld, runOnce } from '../calls/run-once.ts';
import { toToolResult } from '../calls/tool-result.ts';
import type { Target } from '../manifests/hosted-server.ts';
import { toVisibleCatalogue } from '../policies/visible-catalogue.ts';
import { TRACE_ID_META_KEY } from '../protocol/protocol.ts';
import type { Result } from '../protocol/result.ts';
import { toFailure } from '../protocol/to-failure.ts';
import { discoverTools } from './discover-tools.ts';
import { executeTools } from './execute-tools.ts';
import { getToolSchemas } from './get-tool-schemas.ts';
import { manageConnections } from './manage-connections.ts';
import type { MetaAnswer, MetaCall, MetaTool, MetaToolParts } from './meta-tool.ts';

/** Answers `tools/call` for one meta tool, whatever its arguments are. */
type CallMetaTool = (edge: MetaToolParts, request: McpRequest) => Promise<Result>;

/** The deadline of a meta tool that only looks something up. */
const DEADLINE_MS = 5000;

function toCallMetaTool<Arguments>(tool: MetaTool<Arguments>): CallMetaTool {
  const { name, inputSchema } = tool.definition;
  const validate = compileJsonSchema(inputSchema);

  async function prepare(edge: MetaToolParts, request: McpRequest): Promise<MetaCall<Arguments> | Failure> {
    const { server, principal, params } = request;
    const validated = validate((params['arguments'] === undefined ? {} : params['arguments']) as Json);
    if (!validated.ok) return toInvalidArguments(validated.violations);
    try {
      const whole = await edge.findCatalogue(principal, server.manifest.workspaceId);
      const catalogue = await toVisibleCatalogue(whole, server, principal);
      return { edge, request, catalogue, callArguments: validated.value as Arguments };
    } catch (thrown) {
      return toFailure(thrown);
    }
  }

  async function run(call: MetaCall<Arguments>): Promise<MetaAnswer> {
    try {
      return await tool.run(call);
    } catch (thrown) {
      // A missing scope is reported in the HTTP answer, so that the client can request more.
      if (thrown instanceof AppError && !(thrown instanceof InsufficientScope)) return { outcome: toFailure(thrown) };
      throw thrown;
    }
  }

  /** Returns what an idempotency key needs to know about the meta tool. Each user has separate keys. */
  function toTarget({ request, ...call }: MetaCall<Arguments>): Target {
    return {
      serverId: request.server.manifest.serverId,
      name,
      planDigest: '',
      validate,
      isRepeatable: false,
      asks: true,
      usesConnection: true,
      deadlineMs: tool.deadlineMs?.({ request, ...call }) ?? DEADLINE_MS,
    };
  }

  return async (edge, request) => {
    const { server, method, protocolVersion } = request;
    const span = startCallSpan({ method, name, server, protocolVersion, trace: readTrace(request) });
    const ended: Ended = {};
    try {
      const key = readIdempotencyKey(request);
      // The tool calls that the meta tool makes belong to its span.
      const call = await prepare(edge, { ...request, trace: traceWithin(span) });
      const answerOnce = async (own?: KeyedAttempt) => {
        ended.answer = 'error' in call ? { outcome: call } : await run({ ...call, keyed: own });
        return toRunResult(ended.answer, { isKeyed: key !== undefined, ...foundBy(span, hasFailed(ended.answer)) });
      };
      if ('error' in call) return (await answerOnce()).result;
      const held = tool.findHeld?.(call);
      if (held !== undefined) return await runHeld(edge, request.server, held, answerOnce);
      if (key === undefined) return (await answerOnce()).result;
      const keyed = { request: { ...request, trace: traceWithin(span) }, target: toTarget(call), key };
      const result = await runOnce(edge, keyed, answerOnce);
      ended.isReplayed = ended.answer === undefined;
      return result;
    } finally {
      endCallSpan(span, outcomeOf(ended));
    }
  };
}

function toRunResult(answer: MetaAnswer, { isKeyed, traceId, traceparent }: { isKeyed: boolean } & FoundBy): RunResult {
  if ('inputRequired' in answer) {
    const { inputRequired: result, isHeld = false } = answer;
    return { result, isFinal: false, isHeld };
  }
  const { outcome, hasErrors = false, isVoid = outcome.outcome === 'not_started' } = answer;
  const { members, meta } = toToolResult({ outcome, traceId }, { isKeyed });
  const traced = hasErrors && traceId !== undefined ? { [TRACE_ID_META_KEY]: traceId } : meta;
  return { result: { members, meta: traced }, isFinal: !isVoid, traceparent };
}

function hasFailed(answer: MetaAnswer): boolean {
  return !('inputRequired' in answer) && (!answer.outcome.ok || answer.hasErrors === true);
}

/** `isReplayed` means that it is the answer to an earlier call with the same idempotency key. */
type Ended = { answer?: MetaAnswer; isReplayed?: boolean };

function outcomeOf({ answer, isReplayed }: Ended): { outcome: string; code?: string } {
  if (isReplayed) return { outcome: 'done' };
  if (answer === undefined) return { outcome: 'unknown', code: 'internal' };
  if ('inputRequired' in answer) return { outcome: 'input_required' };
  const { outcome } = answer;
  if (!outcome.ok) return { outcome: outcome.outcome, code: outcome.error.code };
  return { outcome: outcome.outcome, ...(answer.hasErrors ? { code: 'tool_error' } : {}) };
}

/** The meta tools by name. A Map, because names come from clients. */
export const metaTools: ReadonlyMap<string, CallMetaTool> = new Map([
  [discoverTools.definition.name, toCallMetaTool(discoverTools)],
  [getToolSchemas.definition.name, toCallMetaTool(getToolSchemas)],
  [executeTools.definition.name, toCallMetaTool(executeTools)],
  [manageConnections.definition.name, toCallMetaTool(manageConnections)],
]);
