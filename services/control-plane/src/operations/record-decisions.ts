import type { RefusedCall } from '@toolplane/bus';
import { findOrganizationsOf } from '../identity/workspaces/workspaces.ts';
import type { Audit, AuditEvent } from '../platform/audit/audit.ts';
import type { Database } from '../platform/database/database.ts';

/** Writes decisions of edges into the audit logs of the organizations whose servers were called. */
export function createDecisionRecorder({ database, audit }: { database: Database; audit: Audit }) {
  return async (decisions: RefusedCall[]): Promise<void> => {
    const workspaceIds = [...new Set(decisions.map(({ workspaceId }) => workspaceId))];
    const organizations = await database.asPlatform((tx) => findOrganizationsOf(tx, workspaceIds));
    const ofEach = Map.groupBy(decisions, ({ workspaceId }) => organizations.get(workspaceId));
    for (const [organizationId, those] of ofEach) {
      // If the workspace no longer exists, nobody could read the entry.
      if (organizationId !== undefined) await audit.record(organizationId, ...those.map(toEvent));
    }
  };
}

function toEvent(decision: RefusedCall): AuditEvent {
  const { id, workspaceId, serverId, tool, action, rule, caller, count, at } = decision;
  const { agentId, username } = caller;
  return {
    kind: 'event',
    requestId: id,
    workspaceId,
    action,
    target: { serverId, tool },
    actor: agentId === undefined ? { kind: caller.kind, id: caller.id } : { kind: 'agent', id: agentId },
    details: {
      count,
      noticedAt: new Date(at).toISOString(),
      ...(rule === undefined ? {} : { rule }),
      ...(username === undefined ? {} : { username }),
      ...(agentId === undefined ? {} : { credential: caller.id }),
    },
  };
}
