import { toDisplayName } from '../../platform/display-name.ts';
import type { SelectableTool } from './store.ts';

/**
 * Where a server offers tools of several instances of one connector, returns the account of each of these tools, by its
 * slug. The tools of all instances have the same texts, so an agent could not know which account a tool uses.
 */
export function distinguishAccounts(
  tools: readonly Pick<SelectableTool, 'slug' | 'serverId' | 'connectorId' | 'instanceName'>[],
): Map<string, string> {
  const accounts = new Map<string, string>();
  for (const [connectorId, those] of Map.groupBy(tools, (tool) => tool.connectorId)) {
    const names = [
      ...new Map(those.map(({ serverId, instanceName }) => [serverId, toDisplayName(instanceName)])).values(),
    ];
    if (connectorId === null || names.length === 1) continue;
    for (const { slug, instanceName } of those) {
      // An instance of the workspace and one of the organization can have the same name.
      const shown = toDisplayName(instanceName);
      const isUnique = names.filter((name) => name === shown).length === 1;
      const [toolkit = ''] = slug.split('.');
      accounts.set(slug, toAccount(shown, toolkit, isUnique));
    }
  }
  return accounts;
}

function toAccount(name: string | undefined, toolkit: string, isUnique: boolean): string {
  if (name === undefined) return toolkit;
  return isUnique ? name : `${name} (${toolkit})`;
}

type Texts = { title?: string | undefined; description?: string | null | undefined };

/** Adds the account to the texts of a tool that clients read. */
export function showAccount({ title, description }: Texts, account: string): { title?: string; description: string } {
  const line = `Account: ${account}`;
  return {
    description: typeof description === 'string' ? `${description}\n\n${line}` : line,
    ...(title !== undefined && { title: `${title} (${account})` }),
  };
}
