import { permissions } from '@toolplane/contracts';
import { insertWorkspace, type Workspace } from '../../identity/workspaces/workspaces.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Database } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import type { ApiKeys, ShownApiKey } from '../api-keys/api-keys.ts';
import { insertOrganization, type Organization } from './store.ts';

export type NewOrganization = { organization: Organization; workspace: Workspace; apiKey: ShownApiKey };

export type Organizations = {
  /** Also creates the first workspace and a key for it, with which somebody can continue. */
  create(request: { name: string; workspaceName: string }): Promise<NewOrganization>;
};

/**
 * All permissions that an organization can have for itself. Only the operator of the platform creates further
 * organizations.
 */
const OWNER_PERMISSIONS = permissions.filter((permission) => permission !== 'organizations:write');

export function createOrganizations(options: {
  database: Database;
  apiKeys: ApiKeys;
  changes: ChangeNotices;
}): Organizations {
  const { database, apiKeys, changes } = options;
  return {
    async create({ name, workspaceName }) {
      const tenant = { organizationId: newId('org'), workspaceId: newId('ws') };
      const created = await database.within(tenant, async (tx) => {
        const organization = await insertOrganization(tx, { id: tenant.organizationId, name });
        const workspace = await insertWorkspace(tx, {
          id: tenant.workspaceId,
          organizationId: organization.id,
          name: workspaceName,
        });
        const permissions = OWNER_PERMISSIONS;
        return {
          organization,
          workspace,
          apiKey: await apiKeys.issue(tx, workspace.id, { name: 'owner', permissions }),
        };
      });
      await changes.notify('workspace.created', created.workspace.id);
      await changes.notify('api-key.changed', created.apiKey.id);
      return created;
    },
  };
}
