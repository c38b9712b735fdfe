import type { AgentCredentials } from '../../access/agents/agents.ts';
import type { Database } from '../../platform/database/database.ts';
import { getInstance, ownerIdOf } from '../instances/connector-instances.ts';
import * as store from './store.ts';
import type { CredentialWriter } from './write-credential.ts';

export function createAgentCredentials(options: {
  database: Database;
  writer: Pick<CredentialWriter, 'remove'>;
}): AgentCredentials {
  const { database, writer } = options;
  return {
    async removeAll(principal, agentId) {
      const instances = await database.within(principal, async (tx) => {
        const found = [];
        for (const id of await store.listInstancesOfAgent(tx, agentId)) found.push(await getInstance(tx, id));
        return found;
      });
      for (const instance of instances) {
        const ref = {
          ownerId: ownerIdOf(instance),
          instanceId: instance.id,
          scope: 'agent',
          subject: agentId,
        } as const;
        await writer.remove(instance, ref);
      }
    },
  };
}
