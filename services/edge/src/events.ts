import type { Span } from '@opentelemetry/api';
import { type AppError, attributes, type Outcome } from '@toolplane/contracts';
import { type Logger, logEvent, toLogFields } from '@toolplane/service-kit';

/*
 * One function per event that is worth a line: ids, names and codes, nothing of a call. An event of a call names that
 * call.
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
    duration_ms: Math.round(call.durationMs),
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

/** For a caller who lacks the right to ask, or asks too often; no log says whose request it was. */
export function logRefused(logger: Logger, { code }: AppError): void {
  if (refusals.has(code))
    logEvent(logger, 'info', 'a request was refused', { [attributes.errorType]: code }, { kind: code });
}

const refusals: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden', 'rate_limited']);

/** An internal error: its caller sees only `internal`. */
export function logRequestFailed(logger: Logger, error: unknown): void {
  logEvent(logger, 'error', 'a request failed', { err: error });
}
