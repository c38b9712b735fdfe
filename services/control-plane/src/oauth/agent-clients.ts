import { randomBytes } from 'node:crypto';
import { hashApiKey } from '@toolplane/sealing';
import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import { lockAgentFor } from '../access/agents/agents.ts';
import {
  CLIENT_POWERS,
  refuseBeyondAddresses,
  refuseBeyondExpiry,
  refuseGrantingMore,
  refuseRevokingStronger,
} from '../access/api-keys/grants.ts';
import type { AgentClient } from '../generated/client.ts';
import type { Database } from '../platform/database/database.ts';
import { newId } from '../platform/ids.ts';
import { orNotFound } from '../platform/or-not-found.ts';
import type { Principal } from '../platform/principals/principal.ts';

export type ListedClient = { clientId: string; name: string; createdAt: string; lastUsedAt: string | null };

/** OAuth clients with which agents get tokens for themselves (RFC 6749, 4.4). */
export type AgentClients = {
  /**
   * The secret is returned only in this answer. The principal must be allowed what the client's tokens can do: call
   * tools, from any address, without an expiry.
   */
  create(principal: Principal, agentId: string, name: string): Promise<ListedClient & { clientSecret: string }>;
  /** Returns the newest clients first. */
  list(principal: Principal, agentId: string, page: PageRequest): Promise<ListPage<ListedClient>>;
  /** The client can no longer get tokens; a token that it already has stays valid for up to ten minutes. */
  remove(principal: Principal, agentId: string, clientId: string): Promise<void>;
};

export function createAgentClients({ database, pepper }: { database: Database; pepper: string }): AgentClients {
  return {
    create(principal, agentId, name) {
      refuseGrantingMore(principal, CLIENT_POWERS.permissions);
      refuseBeyondAddresses(principal, []);
      refuseBeyondExpiry(principal, null);
      return database.within(principal, async (tx) => {
        const { workspaceId } = principal;
        orNotFound((await lockAgentFor(tx, agentId, principal.parties)) || undefined, 'agent');
        const clientSecret = randomBytes(32).toString('base64url');
        const secretHash = hashApiKey(pepper, clientSecret);
        const data = { id: newId('agc'), workspaceId, agentId, name, secretHash };
        return { ...toListed(await tx.agentClient.create({ data })), clientSecret };
      });
    },

    list: (principal, agentId, { page, limit }) =>
      database.within(principal, async (tx) => {
        orNotFound((await tx.agent.findFirst({ where: { id: agentId } })) ?? undefined, 'agent');
        const where = { agentId };
        const orderBy = [{ createdAt: 'desc' }, { id: 'desc' }] as const;
        const rows = await tx.agentClient.findMany({
          where,
          orderBy: [...orderBy],
          skip: (page - 1) * limit,
          take: limit,
        });
        return { items: rows.map(toListed), total: await tx.agentClient.count({ where }) };
      }),

    async remove(principal, agentId, id) {
      refuseRevokingStronger(principal, CLIENT_POWERS, 'The OAuth client');
      const { count } = await database.within(principal, (tx) => tx.agentClient.deleteMany({ where: { id, agentId } }));
      orNotFound(count === 0 ? undefined : count, 'client');
    },
  };
}

function toListed({ id, name, createdAt, lastUsedAt }: AgentClient): ListedClient {
  const times = { createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
  return { clientId: id, name, ...times };
}
