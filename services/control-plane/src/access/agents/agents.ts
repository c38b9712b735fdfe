import type { SeenCaller } from '@toolplane/bus';
import type { ListPage } from '@toolplane/service-kit/http';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import { type Database, refusingDuplicates, type Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { leaveAgent, refuseStrongerKeysOf, republishKeysOf, revokeKeysOf } from '../api-keys/keys-of-agent.ts';
import { setStanding } from '../external-users/set-standing.ts';
import * as store from './store.ts';

export { findAgent, findAgentHome, findPartiesOfAgent, lockAgentFor } from './store.ts';

/** Programs that call tools: each has its own keys, credentials and limits. */
export type Agents = {
  create(principal: Principal, request: { name: string; description?: string | undefined }): Promise<store.Agent>;
  list(principal: Principal, request: store.AgentList): Promise<ListPage<store.Agent>>;
  get(principal: Principal, id: string): Promise<store.Agent>;
  change(principal: Principal, id: string, change: store.AgentChange): Promise<store.Agent>;
  /**
   * Deactivates an agent, whose keys are refused from then on, or activates it. If `isActive` is undefined, the state
   * is reversed.
   */
  toggle(principal: Principal, id: string, isActive?: boolean): Promise<store.Agent>;
  /** Revokes the agent's keys and deletes its credentials. If this fails half-way, repeating it completes it. */
  remove(principal: Principal, id: string): Promise<void>;
  /** Records which agents the edges have seen. */
  noteSeen(seen: SeenCaller[]): Promise<void>;
};

/** The credentials of an agent of the workspace: those of the scope `agent` with the agent's id, of any instance. */
export type AgentCredentials = {
  removeAll(principal: Principal, agentId: string): Promise<void>;
};

export function createAgents(options: {
  database: Database;
  changes: ChangeNotices;
  credentials: AgentCredentials;
}): Agents {
  const { database, changes, credentials } = options;

  /**
   * Also publishes what edges must know about the agent's keys and its own tokens: to edges, an agent is like a user
   * with the agent's id.
   */
  async function saveAndPublish(
    principal: Principal,
    id: string,
    save: (tx: Transaction, agent: store.Agent) => Promise<{ agent: store.Agent; keyIds: string[] }>,
  ): Promise<store.Agent> {
    const { agent, keyIds } = await database.within(principal, async (tx) => {
      await store.lockAgentForChange(tx, id);
      const present = orNotFound(await store.findAgent(tx, id), 'agent');
      await refuseStrongerKeysOf(tx, principal, id);
      const saved = await save(tx, present);
      const { workspaceId, isActive } = saved.agent;
      await setStanding(tx, { workspaceId, username: id, isActive });
      return saved;
    });
    for (const keyId of keyIds) await changes.notify('api-key.changed', keyId);
    await changes.notify('users.changed', agent.workspaceId);
    return agent;
  }

  return {
    create: (principal, { name, description = null }) => {
      const { workspaceId } = principal;
      return database
        .within(principal, (tx) => store.insertAgent(tx, { id: newId('agt'), workspaceId, name, description }))
        .catch(refuseDuplicate);
    },

    list: (principal, request) => database.within(principal, (tx) => store.listAgents(tx, request)),
    get: (principal, id) =>
      database.within(principal, async (tx) => orNotFound(await store.findAgent(tx, id), 'agent')),

    change: (principal, id, change) =>
      database
        .within(principal, async (tx) => {
          orNotFound(await store.findAgent(tx, id), 'agent');
          return store.updateAgent(tx, id, change);
        })
        .catch(refuseDuplicate),

    toggle: (principal, id, isActive) =>
      saveAndPublish(principal, id, async (tx, present) =>
        present.isActive === isActive
          ? { agent: present, keyIds: [] }
          : {
              agent: await store.updateAgent(tx, id, { isActive: !present.isActive }),
              keyIds: await republishKeysOf(tx, id),
            },
      ),

    async remove(principal, id) {
      await saveAndPublish(principal, id, async (tx) => ({
        agent: await store.updateAgent(tx, id, { isActive: false }),
        keyIds: await revokeKeysOf(tx, id),
      }));
      await credentials.removeAll(principal, id);
      await database.within(principal, async (tx) => {
        if (!(await store.lockAgentForChange(tx, id))) return;
        await leaveAgent(tx, id);
        await store.deleteAgent(tx, id);
      });
    },

    noteSeen: (seen) => database.asPlatform((tx) => store.noteSeen(tx, seen)),
  };
}

const refuseDuplicate = refusingDuplicates('The workspace already has an agent with this name');
