import { AppError } from '@toolplane/contracts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Database } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import type { EgressHosts } from './egress-hosts.ts';
import * as store from './store.ts';

export type EgressRulesOfWorkspaces = {
  get(principal: Principal, workspaceId: string): Promise<store.ShownEgressRules>;
  /** `version` is the version on which the change is based; undefined replaces any version. */
  replace(
    principal: Principal,
    workspaceId: string,
    hosts: EgressHosts,
    version: number | undefined,
  ): Promise<store.ShownEgressRules>;
};

export function createEgressRules(options: { database: Database; changes: ChangeNotices }): EgressRulesOfWorkspaces {
  const { database, changes } = options;
  return {
    async get(principal, workspaceId) {
      return database.within(principal, async (tx) =>
        orNotFound(
          maySee(principal, workspaceId) ? await store.findEgressRules(tx, workspaceId) : undefined,
          'workspace',
        ),
      );
    },

    async replace(principal, workspaceId, hosts, version) {
      const replaced = await database.within(principal, async (tx) => {
        const present = orNotFound(await store.lockEgressRules(tx, workspaceId), 'workspace');
        if (version !== undefined && version !== present.version) {
          throw new AppError('conflict', `The egress rules are now at version ${present.version}`);
        }
        const rules = { workspaceId, ...hosts, version: present.version + 1 };
        await store.updateEgressRules(tx, rules);
        return rules;
      });
      await changes.notify('egress-rules.changed', workspaceId);
      return replaced;
    },
  };
}

/** A key sees its own workspace, and the others of its organization only if it may create workspaces. */
function maySee({ workspaceId: own, permissions }: Principal, workspaceId: string): boolean {
  return workspaceId === own || permissions.includes('workspaces:write');
}
