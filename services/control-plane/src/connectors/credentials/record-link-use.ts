import type { Person } from '../../identity/people/people.ts';
import type { Audit, AuditEvent } from '../../platform/audit/audit.ts';
import { newId } from '../../platform/ids.ts';
import type { Instance } from '../instances/connector-instances.ts';

/**
 * The use of a connect link, or, with `scope`, of a sign-in that was started over the REST API. `username` is the
 * subject of the scope. `person` is the person signed in to the platform in that browser.
 */
export type LinkUse = { workspaceId: string; scope?: string; username: string; person: Person | undefined };

/**
 * Records a connection that is made in a browser: the REST API does not record it, because it is not a request of a key
 * or a session. Rejects if it cannot be recorded; the returned function records the outcome.
 */
export async function recordLinkUse(
  audit: Pick<Audit, 'record' | 'recordEnd'>,
  { id: instanceId, organizationId }: Pick<Instance, 'id' | 'organizationId'>,
  { workspaceId, scope, username, person, requestedBy }: LinkUse & { requestedBy: string | undefined },
): Promise<(outcome: string) => Promise<void>> {
  const about: Omit<AuditEvent, 'kind'> = {
    requestId: newId('req'),
    workspaceId,
    actor:
      person === undefined
        ? { kind: 'anonymous', id: scope === undefined ? 'connect-link' : 'sign-in' }
        : { kind: 'person', id: person.id },
    action: requestedBy === undefined ? 'connection.create' : 'connection.replace',
    target: scope === undefined ? { instanceId, username } : { instanceId, scope, subject: username },
    ...(requestedBy === undefined ? {} : { details: { requestedBy } }),
  };
  await audit.record(organizationId, { kind: 'begun', ...about });
  return async (outcome) => {
    await audit.recordEnd(organizationId, { kind: 'ended', ...about, outcome });
  };
}
