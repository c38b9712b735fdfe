import type { CompiledDocument } from '@toolplane/compiler';
import { toAppError } from '@toolplane/contracts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Database, Tenant, Transaction } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import { getLockedServer, type Server } from '../server-record.ts';
import { listTools } from './relist-tools.ts';
import * as store from './store.ts';

/**
 * Changes and publishes what a server runs, or does neither: if the publication fails, the transaction is rolled back.
 * `prepare` runs first in the transaction, while the server is locked. It returns the deployment to run with its compiled
 * document, or undefined for no change.
 */
export type Activate = (
  tenant: Tenant,
  serverId: string,
  prepare: (tx: Transaction, server: Server) => Promise<{ id: string; document: CompiledDocument } | undefined>,
) => Promise<store.Deployment | undefined>;

export function createActivation({ database, changes }: { database: Database; changes: ChangeNotices }): Activate {
  return async (tenant, serverId, prepare) => {
    for (;;) {
      await database.within(tenant, (tx) => changes.markServerUnpublished(tx, serverId));
      const attempt = await database.within(tenant, async (tx) => {
        const server = await getLockedServer(tx, serverId);
        // Another change was faster, and its publication closed the server, which had been reopened for this change.
        if (!(await changes.isServerUnpublished(tx, serverId))) return undefined;
        const chosen = await prepare(tx, server);
        if (chosen === undefined) return { deployment: undefined };
        const { id, document } = chosen;
        await store.activateDeployment(tx, { serverId, id });
        await listTools(tx, serverId, document);
        await changes.publishServer(tx, serverId, document);
        return { deployment: orNotFound(await store.findDeployment(tx, { serverId, id }), 'deployment') };
      });
      if (attempt === undefined) continue;
      await changes.notify('tools.changed');
      return attempt.deployment;
    }
  };
}

/** Saves the deployment before activating it, so that lists show it while it is in progress and if it fails. */
export async function insertAndActivate(
  { database, activate }: { database: Database; activate: Activate },
  tenant: Tenant,
  deployment: Parameters<typeof store.insertDeployment>[1],
  prepare: Parameters<Activate>[2],
): Promise<store.Deployment | undefined> {
  const { id, serverId } = deployment;
  await database.within(tenant, (tx) => store.insertDeployment(tx, deployment));
  try {
    return await activate(tenant, serverId, prepare);
  } catch (error) {
    const why = toAppError(error);
    await database.within(tenant, (tx) => store.failDeployment(tx, id, why)).catch(() => undefined);
    throw error;
  }
}
