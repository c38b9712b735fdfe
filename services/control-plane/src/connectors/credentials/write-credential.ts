import type { Locks } from '@toolplane/bus';
import {
  AppError,
  type Command,
  type CredentialRef,
  readUserSubject,
  storedCredentialSchema,
  toAppError,
} from '@toolplane/contracts';
import { keepUser } from '../../access/external-users/external-users.ts';
import { noteToolChange } from '../../catalogue/published-tools.ts';
import type { Audit } from '../../platform/audit/audit.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Commands } from '../../platform/commands/commands.ts';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Quotas } from '../../platform/quotas/quotas.ts';
import { getLockedServer, listInstanceServers } from '../../servers/server-record.ts';
import {
  countCredentialChange,
  homeOf,
  type Instance,
  lockInstance,
  toInstancePool,
} from '../instances/connector-instances.ts';
import { type LinkUse, recordLinkUse } from './record-link-use.ts';
import * as store from './store.ts';

/**
 * Allows one writer of credentials at a time per instance, scope and subject, so that the list matches the secret
 * store.
 */
export type CredentialWriter = {
  /**
   * `command` makes the data plane store the credentials. Throws `conflict` if working credentials exist that nobody
   * may replace.
   */
  write(
    instance: Instance,
    ref: CredentialRef,
    authenticationId: string,
    command: Command,
    writing: Writing,
  ): Promise<store.ListedCredential>;
  remove(instance: Instance, ref: CredentialRef): Promise<void>;
};

export type Writing = {
  /**
   * The id of the key, agent, person or user that may replace credentials that work. Undefined if the holder of a link
   * may not replace any.
   */
  replacesFor: string | undefined;
  link?: LinkUse | undefined;
};

/** The lock is held for longer than any command for credentials takes, including what is saved after it. */
const HOLD_MS = 60_000;
const WAIT_MS = 20_000;

export function createCredentialWriter(options: {
  database: Database;
  commands: Commands;
  changes: ChangeNotices;
  locks: Pick<Locks, 'acquire'>;
  audit: Pick<Audit, 'record' | 'recordEnd'>;
  quotas: Quotas;
}): CredentialWriter {
  const { database, commands, changes, locks, audit } = options;

  /** Uses no database lock, because a command can take long, and each waiting writer would hold a connection. */
  async function alone<T>({ instanceId, scope, subject = '' }: CredentialRef, work: () => Promise<T>): Promise<T> {
    const name = `credential/${instanceId}/${scope}/${subject}`;
    await using lock = await locks.acquire(name, { holdMs: HOLD_MS, waitMs: WAIT_MS });
    if (lock !== undefined) return await work();
    throw new AppError('secret_unavailable', 'Somebody else is changing the credentials; try again');
  }

  /** Credentials of users or agents affect only their own calls; clients are notified of all other changes. */
  async function commit<T>(instance: Instance, scope: CredentialRef['scope'], save: (tx: Transaction) => Promise<T>) {
    const { saved, serverId } = await database.within(homeOf(instance), async (tx) => {
      const [server] = await listInstanceServers(tx, [instance.id]);
      // The server is locked first, as in all code that locks both.
      if (server !== undefined) await getLockedServer(tx, server.id);
      orNotFound(await lockInstance(tx, instance.id));
      const saved = await save(tx);
      if (scope === 'user' || scope === 'agent') return { saved };
      await countCredentialChange(tx, instance.id);
      if (server !== undefined) {
        await changes.markServerUnpublished(tx, server.id);
        await noteToolChange(tx, server.id);
      }
      return { saved, serverId: server?.id };
    });
    if (serverId !== undefined) await changes.notify('server.changed', serverId);
    return saved;
  }

  /**
   * Stores the user of the credentials. The user belongs to the workspace of the instance, unless the instance is lent.
   */
  async function keepUserOf(instance: Instance, { scope, subject }: CredentialRef): Promise<void> {
    if (scope !== 'user' || subject === undefined) return;
    const { username, usersOf: workspaceId = instance.homeWorkspaceId } = readUserSubject(subject);
    await keepUser(options, { organizationId: instance.organizationId, workspaceId, username });
  }

  return {
    write: (instance, ref, authenticationId, command, { replacesFor, link }) =>
      alone(ref, async () => {
        const before = await database.within(homeOf(instance), (tx) => store.findCredential(tx, ref));
        const isReplaced = before?.isUsable === true && before.authType === authenticationId;
        if (isReplaced && replacesFor === undefined) {
          throw new AppError('conflict', 'The account is already connected, and this link may not replace it');
        }
        await keepUserOf(instance, ref);
        const requestedBy = isReplaced ? replacesFor : undefined;
        const recordEnd = link && (await recordLinkUse(audit, instance, { ...link, requestedBy }));
        try {
          const stored = storedCredentialSchema.parse(await commands.send(toInstancePool(instance), command));
          const saved = await commit(instance, ref.scope, (tx) =>
            store.saveCredential(tx, ref, instance, { ...stored, authenticationId, replacedBy: requestedBy }),
          );
          await recordEnd?.('done');
          return saved;
        } catch (error) {
          await recordEnd?.(toAppError(error).code);
          // The instance was deleted in the meantime, and its removal does not include these credentials.
          if (error instanceof AppError && error.code === 'not_found') {
            await commands.send(toInstancePool(instance), { command: 'delete_credential', ref });
          }
          throw error;
        }
      }),

    remove: (instance, ref) =>
      alone(ref, async () => {
        const known = await database.within(homeOf(instance), (tx) => store.findCredential(tx, ref));
        // The command is sent even if no credentials are known: some may have been stored although the answer was lost.
        await commands.send(toInstancePool(instance), { command: 'delete_credential', ref });
        orNotFound(known);
        await commit(instance, ref.scope, (tx) => store.deleteCredential(tx, ref));
      }),
  };
}
