import { type Role, roles } from '@toolplane/contracts';
import type { Database } from '../database/database.ts';
import { findRoles } from '../people/places.ts';

/** What tokens depend on of people. */
export type People = {
  /** What the person is in a workspace; undefined: nothing, or not any more. */
  findRole(personId: string, workspaceId: string): Promise<Role | undefined>;
};

export function createPeople({ database }: { database: Database }): People {
  return {
    async findRole(personId, workspaceId) {
      const found = await database.asPlatform((tx) => findRoles(tx, personId, workspaceId));
      // The greater of both counts.
      return roles.findLast((role) => role === found?.organization || role === found?.workspace);
    },
  };
}
