import type { CallLogWriter, LoggedCall } from '@toolplane/bus';
import type { CallTiming, Outcome } from '@toolplane/contracts';
import { credentialOf, type Principal } from '../callers/principal.ts';
import { readClientName } from '../protocol/client-name.ts';
import type { TargetCall } from './call-target.ts';
import type { CallTimeline } from './call-timeline.ts';

/** How a call ended and when it began, in Unix milliseconds. */
export type CallEnd = {
  callId: string;
  outcome: Outcome['outcome'];
  code: string | undefined;
  traceId: string | undefined;
  startedAt: number;
  durationMs: number;
  timing: CallTiming;
  timeline: Pick<CallTimeline, 'requestBytes' | 'reported'>;
};

/**
 * Adds a row to the call log: what was called, by whom, and how it ended. Of the arguments and the answer, the row
 * contains only what the document declares to be kept.
 */
export function recordCall(callLog: Pick<CallLogWriter, 'note'>, call: TargetCall, principal: Principal, as: CallEnd) {
  const { server, target, protocolVersion } = call;
  const { manifest } = server;
  const kind = kindOf(call.method);
  const row: LoggedCall = {
    id: as.callId,
    workspaceId: manifest.workspaceId,
    serverId: manifest.serverId,
    tool: target.name,
    kind,
    outcome: as.outcome,
    startedAt: as.startedAt,
    durationMs: Math.round(as.durationMs),
    source: sourceOf(call, kind),
    protocolVersion,
    caller: toLoggedCaller(principal),
  };
  if (target.serverId !== manifest.serverId) row.originId = target.serverId;
  if (as.code !== undefined) row.code = as.code;
  if (as.traceId !== undefined) row.traceId = as.traceId;
  addReport(row, as);
  const client = readClientName(call.clientInfo);
  if (client !== undefined) row.client = client;
  callLog.note(row);
}

function addReport(row: LoggedCall, { timing: { queueMs, executionMs, upstreamMs }, timeline }: CallEnd): void {
  const { requestBytes, reported } = timeline;
  if (queueMs !== undefined) row.queueMs = Math.round(queueMs);
  if (executionMs !== undefined) row.executionMs = Math.round(executionMs);
  if (upstreamMs !== undefined) row.upstreamMs = Math.round(upstreamMs);
  if (requestBytes !== undefined) row.requestBytes = requestBytes;
  if (reported === undefined) return;
  row.responseBytes = reported.bytes;
  if (reported.report?.analytics !== undefined) row.analytics = reported.report.analytics;
}

function kindOf(method: string): LoggedCall['kind'] {
  if (method === 'prompts/get') return 'prompt';
  if (method === 'resources/read') return 'resource';
  return method === 'completion/complete' ? 'completion' : 'tool';
}

/** A server in mode SMART runs tools only through its meta tool. */
function sourceOf({ server, isTask, debugToken }: TargetCall, kind: LoggedCall['kind']): LoggedCall['source'] {
  if (debugToken !== undefined) return 'debug';
  if (isTask === true) return 'task';
  return server.isSmart && kind === 'tool' ? 'execute_tools' : 'direct';
}

function toLoggedCaller(principal: Principal): LoggedCall['caller'] {
  if (principal.kind === 'anonymous') return { kind: 'anonymous' };
  const { agentId, username } = principal;
  const caller: LoggedCall['caller'] = {
    kind: principal.kind === 'api-key' ? 'key' : 'token',
    id: credentialOf(principal),
  };
  if (agentId !== undefined) caller.agentId = agentId;
  if (username !== undefined) caller.username = username;
  return caller;
}
