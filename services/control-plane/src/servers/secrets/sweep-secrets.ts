import { AppError, type Command, type ErrorCode } from '@toolplane/contracts';
import type { Commands } from '../../platform/commands/commands.ts';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { lockSecret, type SecretId } from './store.ts';
import { listStoredNames, toSecretRef } from './stored-names.ts';
import * as store from './sweep-store.ts';

/** Longer than any change of a secret takes. */
const SETTLE_AFTER_MS = 30_000;

export type SecretSweep = {
  /** Deletes the secrets of deleted servers, expired versions, and what interrupted changes may have left behind. */
  sweep(): Promise<void>;
  /** Deletes the expired versions of one secret. */
  retire(id: SecretId): Promise<void>;
};

/** Deletes what is no longer needed from the secret store. Failures are retried by the next sweep. */
export function createSecretSweep({ database, commands }: { database: Database; commands: Commands }): SecretSweep {
  let sweptId = '';

  async function send(tx: Transaction, command: Extract<Command, { ref: { workspaceId: string; serverId: string } }>) {
    const { workspaceId, serverId } = command.ref;
    const to = { tenant: workspaceId, pool: await store.findPool(tx, serverId) };
    return commands.send(to, command).catch(ignore('secret_store_read_only'));
  }

  /** Requires the lock, because a change may be in progress that does not know yet that its server was deleted. */
  function removeLeftover(ref: ReturnType<typeof toSecretRef>): Promise<void> {
    return database.asPlatform(async (tx) => {
      await lockSecret(tx, ref);
      await send(tx, { command: 'delete_secret', ref });
    });
  }

  async function sweepLeftovers(): Promise<void> {
    const removal = await database.asPlatform((tx) => store.findLeftovers(tx, sweptId));
    if (removal === undefined) return;
    // Set even if this removal fails later, so that the other removals are processed first.
    sweptId = removal.serverId;
    for (const name of removal.secretNames) await removeLeftover(toSecretRef(removal, name));
    await database.asPlatform((tx) => store.clearLeftovers(tx, removal.serverId));
  }

  function retire(id: SecretId): Promise<void> {
    return database.asPlatform(async (tx) => {
      await lockSecret(tx, id);
      const retired = await store.listRetired(tx, id);
      for (const version of retired) await send(tx, { command: 'delete_secret', ref: { ...id, version } });
      await store.deleteVersions(tx, id, retired);
    });
  }

  /**
   * The rows define the intended state: the version in use according to them is restored, and versions without a row
   * are deleted.
   */
  function settle(id: SecretId, before: Date): Promise<void> {
    return database.asPlatform(async (tx) => {
      await lockSecret(tx, id);
      const unsettled = await store.findUnsettled(tx, id, before);
      if (unsettled === undefined) return;
      const { version, unsettledAt } = unsettled;
      if (version === 0) await send(tx, { command: 'delete_secret', ref: id });
      else await send(tx, { command: 'use_secret_version', ref: id, version }).catch(ignore('secret_missing'));
      const next = listStoredNames(unsettled).at(-1) ?? '';
      await send(tx, { command: 'delete_secret', ref: toSecretRef(id, next) });
      await store.clearMark(tx, id, unsettledAt);
    });
  }

  async function sweepRetired(): Promise<void> {
    await forEach(await database.asPlatform(store.listWithRetired), retire);
  }

  async function sweepUnsettled(): Promise<void> {
    const before = new Date(Date.now() - SETTLE_AFTER_MS);
    await forEach(await database.asPlatform((tx) => store.listUnsettled(tx, before)), (id) => settle(id, before));
  }

  return {
    retire,
    async sweep() {
      try {
        await forEach([sweepLeftovers, sweepRetired, sweepUnsettled], (part) => part());
      } finally {
        await database.asPlatform(store.deleteSettledRemovals);
      }
    },
  };
}

/** A failure does not stop the remaining items. The first error is thrown at the end. */
async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) {
    await work(item).catch((error) => failures.push(error));
    // No data plane answers, so the remaining items would only wait for the same timeout.
    if (failures.some((error) => error instanceof AppError && error.code === 'config_unavailable')) break;
  }
  if (failures.length > 0) throw failures[0];
}

function ignore(code: ErrorCode) {
  return (error: unknown): null => {
    if (error instanceof AppError && error.code === code) return null;
    throw error;
  };
}
