import { type Role, roles } from '@toolplane/contracts';
import { findRoles } from '../identity/people/places.ts';
import type { Database } from '../platform/database/database.ts';

/** The facts about people on which tokens depend. */
export type People = {
  /** The role of the person in a workspace; undefined if they have none, or no longer have one. */
  findRole(personId: string, workspaceId: string): Promise<Role | undefined>;
};

export function createPeople({ database }: { database: Database }): People {
  return {
    async findRole(personId, workspaceId) {
      const found = await database.asPlatform((tx) => findRoles(tx, personId, workspaceId));
      // If the person has a role in the organization and in the workspace, the higher one applies.
      return roles.findLast((role) => role === found?.organization || role === found?.workspace);
    },
  };
}
