import type { Transaction } from '../../platform/database/database.ts';

/** Selects visible secrets: a name whose first value may not have been stored has a row too, with version 0. */
export const stored = { version: { gt: 0 } };

/** Lists the hosts of all secrets of a server. */
export function listSecretHosts(tx: Transaction, serverId: string): Promise<{ name: string; hosts: string[] }[]> {
  const select = { name: true, hosts: true };
  return tx.secret.findMany({ where: { serverId, ...stored }, orderBy: { name: 'asc' }, select });
}
