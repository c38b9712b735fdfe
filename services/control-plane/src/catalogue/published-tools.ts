import type { CompiledDocument } from '@toolplane/compiler';
import type { Transaction } from '../database/database.ts';
import { insertTools, type NewTool, readOwner } from './store.ts';

export { deleteTools } from './store.ts';

/** Part of the transaction that changes what a server runs, so the catalogue never says anything else. */
export async function replaceTools(tx: Transaction, serverId: string, compiled: CompiledDocument): Promise<void> {
  const owner = await readOwner(tx, serverId);
  const { toolkit = compiled.id, ...rest } = owner;
  const tools = owner.isRunning ? compiled.tools.map(({ tool }) => toRow(tool)) : [];
  await insertTools(tx, { ...rest, toolkit: toText(toolkit), serverId }, tools);
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
