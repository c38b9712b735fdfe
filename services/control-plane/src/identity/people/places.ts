import { permissionsOfRoles, type Roles } from '@toolplane/contracts';
import type { Transaction } from '../../platform/database/database.ts';

/** A workspace, and the roles of one person there. */
export type AccessibleWorkspace = {
  workspaceId: string;
  workspaceName: string;
  organizationId: string;
  organizationName: string;
  roles: Roles;
};

/**
 * All workspaces to which a person has access, oldest first. They are read again for each request, so that revoked
 * access ends at once.
 */
export async function listAccessibleWorkspaces(
  tx: Transaction,
  personId: string,
  workspaceId?: string,
): Promise<AccessibleWorkspace[]> {
  const memberships = await tx.membership.findMany({ where: { personId } });
  const ofOrganizations = new Map(
    memberships.filter((each) => each.workspaceId === null).map((each) => [each.organizationId, each.role]),
  );
  const ofWorkspaces = new Map(memberships.map((each) => [each.workspaceId, each.role]));
  const workspaces = await tx.workspace.findMany({
    where: {
      ...(workspaceId === undefined ? {} : { id: workspaceId }),
      OR: [
        { organizationId: { in: [...ofOrganizations.keys()] } },
        { id: { in: [...ofWorkspaces.keys()].filter((id) => id !== null) } },
      ],
    },
    include: { organization: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  return workspaces.map(({ id, name, organization }) => ({
    workspaceId: id,
    workspaceName: name,
    organizationId: organization.id,
    organizationName: organization.name,
    roles: { organization: ofOrganizations.get(organization.id), workspace: ofWorkspaces.get(id) },
  }));
}

/** The roles of a person in a workspace. Undefined if the person has none. */
export async function findRoles(tx: Transaction, personId: string, workspaceId: string): Promise<Roles | undefined> {
  const [place] = await listAccessibleWorkspaces(tx, personId, workspaceId);
  return place?.roles;
}

export function permissionsAt({ roles }: AccessibleWorkspace) {
  return permissionsOfRoles(roles);
}
