import type { Logger } from '@toolplane/service-kit';
import type { RecordChange } from '@toolplane/service-kit/http';
import type { Actor, Principal } from '../access/principal.ts';
import { logChangeEndLost } from '../events.ts';
import { newId } from '../ids.ts';
import type { Audit, AuditActor, AuditEvent } from './audit.ts';
import { changesBetween } from './changes-between.ts';

/**
 * Two entries for each change over the REST API: that it begins, without which it is not made, and how it ended. A begin
 * without an end is a change whose process was killed meanwhile: then only the thing itself tells.
 */
export function createChangeRecorder({ audit, logger }: { audit: Audit; logger: Logger }): RecordChange<Principal> {
  return async ({ principal, route, params, address, look }) => {
    const { organizationId, workspaceId, actor } = principal;
    const before = await look();
    const about = {
      requestId: newId('req'),
      workspaceId,
      actor: toAuditActor(actor),
      action: route.operationId,
      target: params,
      ...(address === '' ? {} : { address }),
    };
    await audit.record(organizationId, { kind: 'begun', ...about });
    return async (end) => {
      const after = await end.look();
      const outcome: Partial<AuditEvent> =
        'code' in end ? { outcome: end.code } : { outcome: 'done', changes: changesBetween(before, after) };
      // It is done, so its answer stands.
      await audit
        .record(organizationId, { kind: 'ended', ...about, ...outcome })
        .catch((error: unknown) => logChangeEndLost(logger, about.requestId, error));
    };
  };
}

function toAuditActor(actor: Actor): AuditActor {
  return actor.kind === 'key' ? { kind: 'key', id: actor.keyId } : { kind: 'person', id: actor.personId };
}
