import type { Logger } from '@toolplane/service-kit';
import type { Look, RecordChange } from '@toolplane/service-kit/http';
import type { Actor, Principal } from '../access/principal.ts';
import { logChangeEndLost } from '../events.ts';
import { newId } from '../ids.ts';
import type { Audit, AuditActor, AuditEvent } from './audit.ts';
import { changesBetween, type MemberChange } from './changes-between.ts';

/**
 * Writes two entries for each change over the REST API: its start, without which it is not made, and its end. A start
 * without an end is a change whose process was killed: then only the changed thing itself shows the result.
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
      const outcome: Partial<AuditEvent> =
        'code' in end ? { outcome: end.code } : { outcome: 'done', changes: changesTo(before, await end.look()) };
      // The change is done, so its answer is returned anyway.
      await audit
        .record(organizationId, { kind: 'ended', ...about, ...outcome })
        .catch((error: unknown) => logChangeEndLost(logger, about.requestId, error));
    };
  };
}

/** What was made in a thing is not a change of that thing: before, there was nothing. */
function changesTo(before: Look | undefined, after: Look | undefined): MemberChange[] {
  return changesBetween(before?.path === after?.path ? before?.shown : undefined, after?.shown);
}

function toAuditActor(actor: Actor): AuditActor {
  return actor.kind === 'key' ? { kind: 'key', id: actor.keyId } : { kind: 'person', id: actor.personId };
}
