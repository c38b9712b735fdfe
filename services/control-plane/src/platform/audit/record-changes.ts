import type { Logger } from '@toolplane/service-kit';
import type { ChangeEnd, Look, RecordChange } from '@toolplane/service-kit/http';
import { logChangeEndLost } from '../events.ts';
import { newId } from '../ids.ts';
import type { Actor, Principal } from '../principals/principal.ts';
import type { Audit, AuditActor, AuditEvent } from './audit.ts';
import { changesBetween } from './changes-between.ts';

/**
 * Writes two entries for each change over the REST API: its start, without which the change is not made, and its end.
 * If the process of a change was killed, the end is written later, with the outcome `unknown`: only the changed
 * resource shows what happened.
 */
export function createChangeRecorder({
  audit,
  findServerId,
  logger,
}: {
  audit: Audit;
  /** Returns the id of a server of the principal's workspace. */
  findServerId(principal: Principal, idOrSlug: string): Promise<string | undefined>;
  logger: Logger;
}): RecordChange<Principal> {
  /** Records the id of a server instead of its slug, because the slug may belong to another server tomorrow. */
  async function toTarget(principal: Principal, path: string, params: Record<string, string>) {
    if (params['id'] === undefined || !OF_A_SERVER.test(path)) return params;
    return { ...params, id: (await findServerId(principal, params['id'])) ?? params['id'] };
  }

  return async ({ principal, route, params, address, look }) => {
    const { organizationId, workspaceId, actor } = principal;
    const target = await toTarget(principal, route.path, params);
    const before = await look(target);
    const about = {
      requestId: newId('req'),
      workspaceId,
      actor: toAuditActor(actor),
      action: route.operationId,
      target,
      ...(address === '' ? {} : { address }),
    };
    await audit.record(organizationId, { kind: 'begun', ...about });
    return async (end) => {
      // The change has been made, so its answer is returned whatever happens here.
      const outcome = 'code' in end ? { outcome: end.code } : await readOutcome(before, end, target);
      const isKept = await audit.recordEnd(organizationId, { kind: 'ended', ...about, ...outcome });
      if (!isKept) logChangeEndLost(logger, about.requestId);
    };
  };
}

/** The outcome is `done` even if the details of the change cannot be determined. */
async function readOutcome(before: Look | undefined, end: ChangeEnd, target: Record<string, string>) {
  try {
    return toOutcome(before, await end.look(target), target);
  } catch {
    return { outcome: 'done' };
  }
}

/** The routes whose parameter `id` is the id or the slug of a server. */
const OF_A_SERVER = /^\/api\/v1\/(?:mcp-servers|mcp_manager)\/\{id\}/;

/** Something that was created inside a resource is not a change of that resource: all of its values are new. */
function toOutcome(
  before: Look | undefined,
  after: Look | undefined,
  target: Record<string, string>,
): Partial<AuditEvent> {
  if (after?.isUnknown) return { outcome: 'done', target: { ...after.params, ...target } };
  if (before?.path === after?.path) return { outcome: 'done', changes: changesBetween(before?.shown, after?.shown) };
  return {
    outcome: 'done',
    target: { ...after?.params, ...target },
    changes: changesBetween(undefined, after?.shown),
  };
}

function toAuditActor(actor: Actor): AuditActor {
  return actor.kind === 'key' ? { kind: 'key', id: actor.keyId } : { kind: 'person', id: actor.personId };
}
