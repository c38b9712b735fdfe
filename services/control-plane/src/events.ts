import { attributes } from '@toolplane/contracts';
import { type Logger, logEvent } from '@toolplane/service-kit';

/*
 * One function per event that is worth a log line: ids, names and codes. A line that is written during a request
 * contains the id of that request automatically. Changes and decisions by people are in the audit log, not here.
 */

export function logAuthorizationServerFailed(logger: Logger, error: unknown): void {
  logEvent(logger, 'error', 'the authorization server failed', { err: error });
}

export function logBootstrapKeyRevoked(logger: Logger): void {
  logEvent(logger, 'warn', 'BOOTSTRAP_API_KEY was revoked and stays so; set another one');
}

export function logCallsLost(logger: Logger, lost: number): void {
  logEvent(logger, 'warn', 'there was no room for calls on their way to the call log', { lost });
}

export function logChangeEndLost(logger: Logger, requestId: string, error: unknown): void {
  logEvent(logger, 'error', 'end of a change not recorded', { audit_request_id: requestId, err: error });
}

export function logDatabaseAway(logger: Logger, error: unknown): void {
  logEvent(logger, 'warn', 'waiting for PostgreSQL', { err: error });
}

export function logFailedSignInLost(logger: Logger, error: unknown): void {
  logEvent(logger, 'error', 'failed sign-in not recorded', { err: error });
}

export function logGrantUseLost(logger: Logger, error: unknown): void {
  logEvent(logger, 'warn', 'the use of a grant was not noted', { err: error });
}

export function logInstancesNotMoved(logger: Logger, connectorId: string, error: unknown): void {
  logEvent(logger, 'warn', 'instances were not moved to the active version', { connector_id: connectorId, err: error });
}

/** It is retried soon. */
export function logNotPublished(logger: Logger, error: unknown): void {
  logEvent(logger, 'warn', 'not published yet', { err: error });
}

export function logPublishedAll(logger: Logger): void {
  logEvent(logger, 'info', 'published everything');
}

/** Logged once, until it works again. */
export function logTaskFails(logger: Logger, task: string, error: unknown): void {
  logEvent(logger, 'warn', 'does not work, trying on', { task, err: error }, { kind: task });
}

export function logTaskWorks(logger: Logger, task: string): void {
  logEvent(logger, 'info', 'works again', { task }, { kind: task });
}

export function logToolsChanged(logger: Logger, serverId: string, externalServer: string, toolsCount: number): void {
  logEvent(logger, 'warn', 'tools were changed since their approval', {
    [attributes.serverId]: serverId,
    external_server: externalServer,
    tools_count: toolsCount,
  });
}
