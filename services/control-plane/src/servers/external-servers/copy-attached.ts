import { nameToolkit } from '../../catalogue/toolkit-slugs.ts';
import type { Tenant, Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { type AttachedServer, listAttached, NO_SIGN_IN, replaceAttached } from './store.ts';

/**
 * Attaches the external servers of another server to a new one, with the approvals. Neither the secrets that headers
 * name nor sign-ins are copied.
 */
export async function copyAttached(
  tx: Transaction,
  { organizationId }: Tenant,
  fromId: string,
  serverId: string,
): Promise<void> {
  const copies: AttachedServer[] = [];
  for (const attached of await listAttached(tx, fromId)) {
    const { name } = attached;
    const toolkit = await nameToolkit(tx, toToolkit({ organizationId, serverId, name }));
    const wantsSignIn = attached.wantsSignIn || attached.signedInAt !== null;
    copies.push({ ...attached, ...NO_SIGN_IN, wantsSignIn, id: newId('ext'), serverId, toolkit });
  }
  await replaceAttached(tx, serverId, copies);
}

/** The input for the toolkit slug of an external server. */
export function toToolkit({ name, ...owner }: { organizationId: string; serverId: string; name: string }) {
  return { ...owner, base: name, key: `external:${name}` };
}
