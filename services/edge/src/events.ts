import type { Span } from '@opentelemetry/api';
import { type AppError, attributes, type Outcome } from '@toolplane/contracts';
import { type Logger, logEvent, toLogFields } from '@toolplane/service-kit';

/*
 * One function per thing that is worth a line: ids, names and codes, nothing of a call. What belongs to a call says to
 * which.
 */

/** The call log has a row for each call; the log has those that failed, and all of them at level `debug`. */
export function logCallEnded(logger: Logger, call: EndedCall): void {
  const { outcome, code } = call;
  const level = code === undefined ? 'debug' : outcome === 'unknown' || code === 'internal' ? 'warn' : 'info';
  if (!logger.isLevelEnabled(level)) return;
  const fields = {
    call_id: call.callId,
    ...toLogFields(call.span),
    [attributes.workspaceId]: call.workspaceId,
    [attributes.serverId]: call.serverId,
    [attributes.toolName]: call.tool,
    [attributes.outcome]: outcome,
    ...(code === undefined ? {} : { [attributes.errorType]: code }),
    durationMs: Math.round(call.durationMs),
  };
  if (code === undefined) logEvent(logger, level, 'a call ended', fields, { linesMax: Number.POSITIVE_INFINITY });
  else logEvent(logger, level, 'a call failed', fields, { kind: code });
}

export type EndedCall = {
  callId: string;
  span: Span;
  workspaceId: string;
  serverId: string;
  tool: string;
  outcome: Outcome['outcome'];
  code: string | undefined;
  durationMs: number;
};

/** Who has no right to ask, or asks too often; whose request it was stands in no log. */
export function logRefused(logger: Logger, { code }: AppError): void {
  if (refusals.has(code))
    logEvent(logger, 'info', 'a request was refused', { [attributes.errorType]: code }, { kind: code });
}

const refusals: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden', 'rate_limited']);

/** A fault of ours: its caller hears `internal` alone. */
export function logRequestFailed(logger: Logger, error: unknown): void {
  logEvent(logger, 'error', 'request failed', { err: error });
}
