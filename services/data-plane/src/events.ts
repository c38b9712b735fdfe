import type { Span } from '@opentelemetry/api';
import { attributes, type Outcome, type ToolCall } from '@toolplane/contracts';
import { type Logger, logEvent, toLogFields } from '@toolplane/service-kit';

/*
 * There is one function per event that is worth a log line. Lines contain ids, names and codes, but nothing from a
 * call, a secret or a response. An event of a call names that call.
 */

/** The work that a log line is about; members that do not apply are absent. */
export type LogContext = { span?: Span; callId?: string | undefined };

export function logInternalError(logger: Logger, error: unknown, { span, callId }: LogContext = {}): void {
  const fields = { ...(callId === undefined ? {} : { call_id: callId }), ...(span && toLogFields(span)), err: error };
  logEvent(logger, 'error', 'a call or command failed with an internal error', fields);
}

/** The edge logs how a call ended; this line makes it possible to find a call in the logs of the data plane. */
export function logCallEnded(logger: Logger, call: ToolCall, work: Required<LogContext>, outcome: Outcome): void {
  if (!logger.isLevelEnabled('debug')) return;
  const fields = {
    call_id: work.callId,
    ...toLogFields(work.span),
    [attributes.serverId]: call.serverId,
    [attributes.toolName]: call.tool,
    [attributes.outcome]: outcome.outcome,
    ...(outcome.ok ? {} : { [attributes.errorType]: outcome.error.code }),
  };
  logEvent(logger, 'debug', 'a call was run', fields, { linesMax: Number.POSITIVE_INFINITY });
}

export function logInsideReachable(logger: Logger, ranges: readonly string[]): void {
  logEvent(logger, 'warn', 'tools may send requests to addresses of the internal network', { ranges });
}

export function logNoSealingKey(logger: Logger): void {
  logEvent(logger, 'warn', 'the secret store does not answer; no secret can be stored until it does');
}

/** `use` names what is read or written. The failure is logged once per reason, until the store works again. */
export function logSecretStoreFails(logger: Logger, use: string, error: unknown): void {
  logEvent(logger, 'error', 'the secret store is failing', { use, err: error });
}

export function logSecretStoreWorks(logger: Logger, use: string, reason: string): void {
  logEvent(logger, 'info', 'the secret store works again', { use, reason });
}
