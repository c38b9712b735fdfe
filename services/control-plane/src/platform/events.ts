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
  logEvent(logger, 'warn', 'BOOTSTRAP_API_KEY was revoked and is not accepted again; set another key');
}

export function logCallsLost(logger: Logger, lost: number): void {
  logEvent(logger, 'warn', 'calls were dropped before they reached the call log', { lost });
}

export function logChangeEndLost(logger: Logger, requestId: string): void {
  logEvent(logger, 'error', 'the end of a change was not recorded in the audit log', {
    audit_request_id: requestId,
  });
}

export function logDatabaseAway(logger: Logger, error: unknown): void {
  logEvent(logger, 'warn', 'waiting for PostgreSQL', { err: error });
}

export function logFailedSignInLost(logger: Logger, error: unknown): void {
  logEvent(logger, 'error', 'a failed sign-in was not recorded in the audit log', { err: error });
}

export function logGrantUseLost(logger: Logger, error: unknown): void {
  logEvent(logger, 'warn', 'the last use of a grant was not recorded', { err: error });
}

export function logInstancesNotMoved(logger: Logger, connectorId: string, error: unknown): void {
  logEvent(logger, 'warn', 'connector instances were not moved to the active version', {
    connector_id: connectorId,
    err: error,
  });
}

export function logNotPublished(logger: Logger, error: unknown): void {
  logEvent(logger, 'warn', 'a change is not published yet and will be retried', { err: error });
}

export function logPublishedAll(logger: Logger): void {
  logEvent(logger, 'info', 'published everything');
}

/** Logged once per failing period: not again until the task works again. */
export function logTaskFails(logger: Logger, task: string, error: unknown): void {
  logEvent(logger, 'warn', 'a periodic task fails and is retried', { task, err: error }, { kind: task });
}

export function logTaskWorks(logger: Logger, task: string): void {
  logEvent(logger, 'info', 'a periodic task works again', { task }, { kind: task });
}

export function logToolsChanged(logger: Logger, serverId: string, externalServer: string, toolsCount: number): void {
  logEvent(logger, 'warn', 'an external server changed tools after their approval', {
    [attributes.serverId]: serverId,
    external_server: externalServer,
    tools_count: toolsCount,
  });
}
