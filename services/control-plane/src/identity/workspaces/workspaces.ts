import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import { type Database, refusingDuplicates } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import type { Quotas } from '../../platform/quotas/quotas.ts';
import { refuseTooManyDeactivated } from './deactivated.ts';
import {
  findWorkspace,
  insertWorkspace,
  listWorkspaces,
  lockWorkspace,
  updateWorkspace,
  type Workspace,
  type WorkspaceChange,
} from './store.ts';

export {
  ensureWorkspace,
  findOrganizationsOf,
  findWorkspace,
  insertWorkspace,
  lockWorkspace,
  type Workspace,
} from './store.ts';

export type Workspaces = {
  create(principal: Principal, name: string): Promise<Workspace>;
  change(principal: Principal, id: string, change: WorkspaceChange): Promise<Workspace>;
  list(principal: Principal, page: PageRequest): Promise<ListPage<Workspace>>;
  get(principal: Principal, id: string): Promise<Workspace>;
};

export function createWorkspaces(options: { database: Database; changes: ChangeNotices; quotas: Quotas }): Workspaces {
  const { database, changes, quotas } = options;
  return {
    async create(principal, name) {
      const { organizationId } = principal;
      await quotas.requireRoom('workspaces', organizationId);
      const created = await database
        .within(principal, (tx) => insertWorkspace(tx, { id: newId('ws'), organizationId, name }))
        .catch(refuseDuplicate);
      await changes.notify('workspace.created', created.id);
      return created;
    },
    async change(principal, id, change) {
      const { organizationId } = principal;
      const changed = await database.within({ organizationId, workspaceId: id }, async (tx) => {
        await lockWorkspace(tx, id);
        const workspace = orNotFound(await updateWorkspace(tx, id, change), 'workspace');
        await refuseTooManyDeactivated(tx, id);
        return workspace;
      });
      await changes.notify('users.changed', id);
      return changed;
    },
    list(principal, page) {
      const id = seesAll(principal) ? undefined : principal.workspaceId;
      return database.within(principal, (tx) => listWorkspaces(tx, { id, ...page }));
    },
    async get(principal, id) {
      const isSeen = seesAll(principal) || id === principal.workspaceId;
      const found = isSeen ? await database.within(principal, (tx) => findWorkspace(tx, id)) : undefined;
      return orNotFound(found, 'workspace');
    },
  };
}

/** Whether a key sees all workspaces of the organization instead of only its own: only if it may create them. */
function seesAll({ permissions }: Principal): boolean {
  return permissions.includes('workspaces:write');
}

const refuseDuplicate = refusingDuplicates('The organization already has a workspace with this name');
