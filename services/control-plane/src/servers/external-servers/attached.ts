import type { CompiledDocument } from '@toolplane/compiler';
import type { Transaction } from '../../platform/database/database.ts';
import { type Attachment, attach } from './attach.ts';
import { listAttached, toSignInRef } from './store.ts';

export { makeDue, noteTokenRemovals } from './store.ts';

/** The sign-in of a server to one of its external servers. Undefined if no external server has this name. */
export async function findSignInRef(tx: Transaction, serverId: string, name: string | undefined) {
  const found = (await listAttached(tx, serverId)).find((attached) => attached.name === name);
  return found === undefined ? undefined : toSignInRef(found);
}

/** What a server offers from external servers in addition to what it runs itself. Undefined if none is attached. */
export async function readAttachment(
  tx: Transaction,
  server: { id: string; workspaceId: string },
  own: CompiledDocument | undefined,
): Promise<Attachment | undefined> {
  const servers = await listAttached(tx, server.id);
  return servers.length === 0 ? undefined : attach(server, own, servers);
}
