import { AppError } from '@toolplane/contracts';
import type { Page, PageRequest } from '@toolplane/service-kit';
import type { Principal } from '../access/principal.ts';
import { type Database, isDuplicate } from '../database/database.ts';
import { newId } from '../ids.ts';
import type { Publishing } from '../publishing/publishing.ts';
import { insertWorkspace, listWorkspaces, type Workspace } from './store.ts';

export { ensureWorkspace, findWorkspace, insertWorkspace, type Workspace } from './store.ts';

export type Workspaces = {
  create(principal: Principal, name: string): Promise<Workspace>;
  list(principal: Principal, page: PageRequest): Promise<Page<Workspace>>;
};

export function createWorkspaces(options: { database: Database; publishing: Publishing }): Workspaces {
  const { database, publishing } = options;
  return {
    async create(principal, name) {
      const { organizationId } = principal;
      const created = await database
        .within(principal, (tx) => insertWorkspace(tx, { id: newId('ws'), organizationId, name }))
        .catch(refuseDuplicate);
      await publishing.publishWorkspaceSoon(created.id);
      return created;
    },
    // A key sees its own workspace; the others of the organization only if it may make them.
    list(principal, page) {
      const id = principal.permissions.includes('workspaces:write') ? undefined : principal.workspaceId;
      return database.within(principal, (tx) => listWorkspaces(tx, { id, ...page }));
    },
  };
}

function refuseDuplicate(error: unknown): never {
  throw isDuplicate(error) ? new AppError('conflict', 'The organization has a workspace of this name') : error;
}
