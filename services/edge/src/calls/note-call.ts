import type { CallLogWriter, LoggedCall } from '@toolplane/bus';
import type { Outcome } from '@toolplane/contracts';
import { credentialOf, type Principal } from '../callers/principal.ts';
import type { TargetCall } from '../mcp/call-target.ts';

/** How a call ended and when it began: Unix milliseconds, and the clock that only goes forward. */
export type EndedAs = {
  callId: string;
  outcome: Outcome['outcome'];
  code: string | undefined;
  traceId: string | undefined;
  startedAt: number;
  startedAtMonotonic: number;
};

/** For the call log: what was called by whom and how it ended, with nothing of its arguments or its answer. */
export function noteCall(callLog: Pick<CallLogWriter, 'note'>, call: TargetCall, principal: Principal, as: EndedAs) {
  const { server, target, protocolVersion } = call;
  const { manifest } = server;
  const kind = kindOf(call.method);
  const noted: LoggedCall = {
    id: as.callId,
    workspaceId: manifest.workspaceId,
    serverId: manifest.serverId,
    tool: target.name,
    kind,
    outcome: as.outcome,
    startedAt: as.startedAt,
    durationMs: Math.round(performance.now() - as.startedAtMonotonic),
    source: sourceOf(call, kind),
    protocolVersion,
    caller: toLoggedCaller(principal),
  };
  if (target.serverId !== manifest.serverId) noted.originId = target.serverId;
  if (as.code !== undefined) noted.code = as.code;
  if (as.traceId !== undefined) noted.traceId = as.traceId;
  callLog.note(noted);
}

function kindOf(method: string): LoggedCall['kind'] {
  if (method === 'prompts/get') return 'prompt';
  if (method === 'resources/read') return 'resource';
  return method === 'completion/complete' ? 'completion' : 'tool';
}

/** A server in mode SMART runs tools for its meta tool alone; a call that is kept is one of a task. */
function sourceOf({ server, keepReplyMs }: TargetCall, kind: LoggedCall['kind']): LoggedCall['source'] {
  if (keepReplyMs !== undefined) return 'task';
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
