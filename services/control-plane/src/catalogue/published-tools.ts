import type { CompiledDocument } from '@toolplane/compiler';
import type { Transaction } from '../platform/database/database.ts';
import { readAttachment } from '../servers/external-servers/attached.ts';
import { deleteTools, insertToolChange, insertTools, type NewTool, readOwner } from './store.ts';
import { nameToolkit } from './toolkit-slugs.ts';

/**
 * `noteToolChange` is part of a transaction that changes what a server runs, its credentials or its name: afterwards,
 * the servers that offer some of its tools and the catalogue of its workspace are published again. They are not marked
 * in this transaction, because two servers that select tools from each other would deadlock.
 */
export { findOwnToolkit, insertToolChange as noteToolChange } from './store.ts';

/** Runs in the transaction that changes what a server runs, so that the catalogue always matches it. */
export async function replaceTools(
  tx: Transaction,
  serverId: string,
  compiled: CompiledDocument | undefined,
): Promise<void> {
  const { connector, isRunning, serverWorkspaceId, ...owner } = await readOwner(tx, serverId);
  await removeTools(tx, serverId);
  if (!isRunning) return;
  const { organizationId } = owner;
  if (compiled !== undefined && compiled.tools.length > 0) {
    const toolkit = await nameToolkit(tx, { organizationId, serverId, base: toText(connector ?? compiled.id) });
    const tools = compiled.tools.map(({ tool }) => toRow(tool));
    await insertTools(tx, { ...owner, toolkit, serverId }, tools);
  }
  const attachment = await readAttachment(tx, { id: serverId, workspaceId: serverWorkspaceId }, compiled);
  for (const [toolkit, tools] of Map.groupBy(attachment?.tools ?? [], (attached) => attached.toolkit)) {
    const rows = tools.map(({ tool, nameInToolkit }) => toRow(tool, nameInToolkit));
    await insertTools(tx, { ...owner, kind: 'external', toolkit, serverId }, rows);
  }
}

export async function removeTools(tx: Transaction, serverId: string): Promise<void> {
  await deleteTools(tx, serverId);
  await insertToolChange(tx, serverId);
}

/** `nameInToolkit` is the name in the toolkit, if it differs from the name on its server. */
function toRow(
  { name, title, description, annotations = {}, isUnreviewed, inputSchema }: CompiledDocument['tools'][number]['tool'],
  nameInToolkit = name,
) {
  return {
    name: nameInToolkit,
    hostedAs: name === nameInToolkit ? null : name,
    title: title === undefined ? null : toText(title),
    description: description === undefined ? null : toText(description),
    isReadOnly: annotations.readOnlyHint === true,
    isUnreviewed: isUnreviewed === true,
    annotations: JSON.stringify(annotations),
    inputSchema: JSON.stringify(inputSchema),
  } satisfies NewTool;
}

/** A document may contain the escape of U+0000, which PostgreSQL refuses in a text. */
function toText(text: string): string {
  return text.replaceAll('\0', '');
}
