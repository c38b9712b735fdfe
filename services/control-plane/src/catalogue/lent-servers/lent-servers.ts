/*
 * Servers of the organization's connector instances, as used by other workspaces than their own. Their plans are made
 * for the using workspace, whose rules, users and credentials then apply. Nothing else of another workspace is ever
 * read here.
 */
import type { CompiledDocument, CompiledTool } from '@toolplane/compiler';
import type { Transaction } from '../../platform/database/database.ts';
import * as store from './store.ts';

export { listLentIds } from './store.ts';

/** A server that is lent to a workspace, with the tools for that workspace. */
export type LentServer = Omit<store.LentRow, 'compiled'> & { compiled: CompiledDocument };

/** Returns the servers ordered by id. If `serverId` is set, returns only this server. */
export async function readLentServers(tx: Transaction, workspaceId: string, serverId?: string): Promise<LentServer[]> {
  const rows = await store.readLent(tx, workspaceId, serverId);
  return rows.flatMap(({ compiled, ...row }) =>
    compiled === null ? [] : [{ ...row, compiled: lend(JSON.parse(compiled), workspaceId) }],
  );
}

function lend({ id, title, description, tools }: CompiledDocument, workspaceId: string): CompiledDocument {
  return {
    id,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    tools: tools.map((tool) => lendTool(tool, workspaceId)),
  };
}

function lendTool({ tool, plan }: CompiledTool, workspaceId: string): CompiledTool {
  const { connection } = plan;
  return {
    tool,
    plan: { ...plan, workspaceId, ...(connection && { connection: { ...connection, usersOf: workspaceId } }) },
  };
}
