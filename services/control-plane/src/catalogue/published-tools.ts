import type { CompiledDocument } from '@toolplane/compiler';
import type { Transaction } from '../database/database.ts';
import { deleteTools, insertToolChange, insertTools, type NewTool, readOwner } from './store.ts';
import { nameToolkit } from './toolkit-slugs.ts';

/**
 * Part of a transaction that changes what a server runs, or with what, or how it is called: the servers that offer some
 * of its tools and the catalogue of its workspace are published anew. They are not marked in it, because two that select
 * from each other would wait for each other.
 */
export { insertToolChange as noteToolChange } from './store.ts';

/** Part of the transaction that changes what a server runs, so the catalogue never says anything else. */
export async function replaceTools(tx: Transaction, serverId: string, compiled: CompiledDocument): Promise<void> {
  const { connector = compiled.id, isRunning, ...owner } = await readOwner(tx, serverId);
  await removeTools(tx, serverId);
  if (!isRunning || compiled.tools.length === 0) return;
  const { organizationId } = owner;
  const toolkit = await nameToolkit(tx, { organizationId, serverId, base: toText(connector) });
  const tools = compiled.tools.map(({ tool }) => toRow(tool));
  await insertTools(tx, { ...owner, toolkit, serverId }, tools);
}

export async function removeTools(tx: Transaction, serverId: string): Promise<void> {
  await deleteTools(tx, serverId);
  await insertToolChange(tx, serverId);
}

function toRow({ name, title, description, annotations = {}, inputSchema }: CompiledDocument['tools'][number]['tool']) {
  return {
    name,
    title: title === undefined ? null : toText(title),
    description: description === undefined ? null : toText(description),
    isReadOnly: annotations.readOnlyHint === true,
    annotations: JSON.stringify(annotations),
    inputSchema: JSON.stringify(inputSchema),
  } satisfies NewTool;
}

/** A document may hold the escape of U+0000, which PostgreSQL refuses in a text. */
function toText(text: string): string {
  return text.replaceAll('\0', '');
}
