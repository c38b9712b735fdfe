import type { SeenCaller } from '@toolplane/bus';
import { Prisma, type Agent as Row } from '../../generated/client.ts';
import type { Tenant, Transaction } from '../../platform/database/database.ts';
import { toLikeLiteral } from '../../platform/database/like-literal.ts';
import { saveLastTimes } from '../../platform/database/save-last-times.ts';
import { partiesOf } from '../../platform/principals/parties.ts';

export type Agent = Pick<Row, 'id' | 'workspaceId' | 'name' | 'description' | 'isActive'> & {
  createdAt: string;
  updatedAt: string;
  lastSeenAt: string | null;
};

export type AgentChange = { name?: string | undefined; description?: string | null | undefined };
export type AgentList = { q: string | undefined; isActive: boolean | undefined; page: number; limit: number };

export async function insertAgent(
  tx: Transaction,
  agent: Pick<Row, 'id' | 'workspaceId' | 'name' | 'description'>,
): Promise<Agent> {
  return toAgent(await tx.agent.create({ data: agent }));
}

export async function findAgent(tx: Transaction, id: string): Promise<Agent | undefined> {
  const row = await tx.agent.findUnique({ where: { id } });
  return row === null ? undefined : toAgent(row);
}

/** For the platform: returns the workspace of an agent. */
export async function findAgentHome(tx: Transaction, id: string): Promise<Tenant | undefined> {
  const row = await tx.agent.findUnique({
    where: { id },
    select: { workspaceId: true, workspace: { select: { organizationId: true } } },
  });
  return row === null ? undefined : { workspaceId: row.workspaceId, organizationId: row.workspace.organizationId };
}

/** Returns the newest agents first. */
export async function listAgents(tx: Transaction, list: AgentList): Promise<{ items: Agent[]; total: number }> {
  const { q, isActive, page, limit } = list;
  const where: Prisma.AgentWhereInput = {
    ...(q === undefined ? {} : { name: { contains: toLikeLiteral(q), mode: 'insensitive' } }),
    ...(isActive === undefined ? {} : { isActive }),
  };
  const rows = await tx.agent.findMany({
    where,
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toAgent), total: await tx.agent.count({ where }) };
}

/**
 * Locks an agent that is about to get a credential, which `holders` are shown: nobody else changes the agent until the
 * end of the transaction. Returns false if the agent does not exist.
 */
export async function lockAgentFor(tx: Transaction, id: string, holders: readonly string[]): Promise<boolean> {
  const changed = await tx.$executeRaw`
    UPDATE agents SET holders = ARRAY(SELECT unnest(holders) UNION SELECT unnest(${[...holders]}::text[])) WHERE id = ${id}`;
  return changed > 0;
}

/** The parties that were shown one of the agent's credentials; if the agent does not exist, they are unknown. */
export async function findPartiesOfAgent(tx: Transaction, id: string): Promise<readonly string[]> {
  return partiesOf((await tx.agent.findUnique({ where: { id }, select: { holders: true } })) ?? { holders: [] });
}

/**
 * Locks an agent for a change: nobody can add a key to it in the meantime. Returns false if the agent does not exist.
 */
export async function lockAgentForChange(tx: Transaction, id: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`SELECT 1 FROM agents WHERE id = ${id} FOR UPDATE`;
  return rows.length > 0;
}

export async function updateAgent(
  tx: Transaction,
  id: string,
  { name, description, isActive }: AgentChange & { isActive?: boolean },
): Promise<Agent> {
  const data = {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(isActive !== undefined && { isActive }),
    updatedAt: new Date(),
  };
  return toAgent(await tx.agent.update({ where: { id }, data }));
}

/** Requires that the agent has no more keys. */
export async function deleteAgent(tx: Transaction, id: string): Promise<void> {
  await tx.agent.delete({ where: { id } });
}

export async function noteSeen(tx: Transaction, seen: SeenCaller[]): Promise<void> {
  const target = { table: Prisma.sql`agents`, column: Prisma.sql`last_seen_at` };
  await saveLastTimes(
    tx,
    target,
    seen.filter(({ kind }) => kind === 'agent'),
  );
}

function toAgent({ id, workspaceId, name, description, isActive, createdAt, updatedAt, lastSeenAt }: Row): Agent {
  return {
    id,
    workspaceId,
    name,
    description,
    isActive,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
  };
}
