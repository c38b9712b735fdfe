import type { Span } from '@opentelemetry/api';
import { type AppError, attributes, type Outcome } from '@toolplane/contracts';
import { type Logger, logEvent, toLogFields } from '@toolplane/service-kit';

/*
 * One function per event that is worth a log line. A line contains ids, names and codes, but no content of a call. An
 * event about a call includes the id of that call.
 */

/**
 * Logs an ended call. The call log has a row for each call; the log contains those that failed, and all of them at
 * level `debug`.
 */
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

/**
 * Logs the refusal of a caller that lacks a permission or sends too many requests. The log does not identify the
 * caller.
 */
export function logRefused(logger: Logger, { code }: AppError): void {
  if (refusals.has(code))
    logEvent(logger, 'info', 'a request was refused', { [attributes.errorType]: code }, { kind: code });
}

const refusals: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden', 'rate_limited']);

/** Logs an internal error, of which the caller sees only the code `internal`. */
export function logRequestFailed(logger: Logger, error: unknown): void {
  logEvent(logger, 'error', 'a request failed', { err: error });
}
