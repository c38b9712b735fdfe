import { permissions } from '@toolplane/contracts';
import type { Logger, SecretValue } from '@toolplane/service-kit';
import { ensureWorkspace } from '../../identity/workspaces/workspaces.ts';
import type { Database } from '../../platform/database/database.ts';
import { logBootstrapKeyRevoked } from '../../platform/events.ts';
import type { ApiKeys } from '../api-keys/api-keys.ts';
import { ensureOrganization } from './store.ts';

const ORGANIZATION_ID = 'org_default';
const WORKSPACE_ID = 'ws_default';

/**
 * Creates the keys of the operator in the first workspace. Without one of them, nobody could create another key.
 *
 * - `bootstrap` is an ordinary key. If it was revoked, it stays revoked.
 * - `internal` is for the program that runs the platform. No list shows it, nobody can change or revoke it, and it ends
 *   at the first start without it.
 */
export async function ensureOperatorKeys(
  { database, apiKeys, logger }: { database: Database; apiKeys: ApiKeys; logger: Logger },
  { bootstrap, internal }: { bootstrap?: SecretValue | undefined; internal?: SecretValue | undefined },
): Promise<void> {
  const isRevoked = await database.asPlatform(async (tx) => {
    await apiKeys.endInternal(tx, internal);
    if (bootstrap === undefined && internal === undefined) return false;
    await ensureOrganization(tx, { id: ORGANIZATION_ID, name: 'default' });
    await ensureWorkspace(tx, { id: WORKSPACE_ID, organizationId: ORGANIZATION_ID, name: 'default' });
    const grant = { workspaceId: WORKSPACE_ID, permissions: [...permissions] };
    if (internal !== undefined) await apiKeys.adopt(tx, internal, { ...grant, name: 'internal', isInternal: true });
    return bootstrap !== undefined && !(await apiKeys.adopt(tx, bootstrap, { ...grant, name: 'bootstrap' }));
  });
  if (isRevoked) logBootstrapKeyRevoked(logger);
}
