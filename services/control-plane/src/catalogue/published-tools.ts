import type { CompiledDocument, CompiledTool } from '@toolplane/compiler';
import type { Transaction } from '../platform/database/database.ts';
import { deleteTools, insertToolChange, insertTools, type NewTool, readOwner } from './store.ts';
import { nameToolkit } from './toolkit-slugs.ts';

/**
 * `noteToolChange` is part of a transaction that changes what a server runs, its credentials or its name: afterwards,
 * the servers that offer some of its tools and the catalogue of its workspace are published again. They are not marked
 * in this transaction, because two servers that select tools from each other would deadlock.
 */
export { findOwnToolkit, insertToolChange as noteToolChange } from './store.ts';

/** A tool of an external server, with its toolkit and its name there. */
type ExternalTool = Pick<CompiledTool, 'tool'> & { toolkit: string; nameInToolkit: string };

/**
 * Runs in the transaction that changes what a server runs, so that the catalogue always matches it. `readExternal`
 * returns the tools that the server offers of external servers; it is not called for a server that is stopped.
 */
export async function replaceTools(
  tx: Transaction,
  serverId: string,
  compiled: CompiledDocument | undefined,
  readExternal: (server: { id: string; workspaceId: string }) => Promise<readonly ExternalTool[]>,
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
  const external = await readExternal({ id: serverId, workspaceId: serverWorkspaceId });
  for (const [toolkit, tools] of Map.groupBy(external, (offered) => offered.toolkit)) {
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
