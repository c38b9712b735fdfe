import { permissions } from '@toolplane/contracts';
import type { Logger, SecretValue } from '@toolplane/service-kit';
import { ensureWorkspace } from '../../identity/workspaces/workspaces.ts';
import type { Database } from '../../platform/database/database.ts';
import { logBootstrapKeyRevoked } from '../../platform/events.ts';
import type { ApiKeys } from '../api-keys/api-keys.ts';
import { ensureOrganization } from './store.ts';

const ORGANIZATION_ID = 'org_default';
const WORKSPACE_ID = 'ws_default';

/** Creates the first key, without which nobody could create another. It belongs to the operator of the platform. */
export async function ensureBootstrapKey(
  { database, apiKeys, logger }: { database: Database; apiKeys: ApiKeys; logger: Logger },
  key: SecretValue,
): Promise<void> {
  const isActive = await database.asPlatform(async (tx) => {
    await ensureOrganization(tx, { id: ORGANIZATION_ID, name: 'default' });
    await ensureWorkspace(tx, { id: WORKSPACE_ID, organizationId: ORGANIZATION_ID, name: 'default' });
    return apiKeys.adopt(tx, key, { workspaceId: WORKSPACE_ID, name: 'bootstrap', permissions: [...permissions] });
  });
  if (!isActive) logBootstrapKeyRevoked(logger);
}
