import { AppError, type Command, type CredentialRef, storedCredentialSchema } from '@toolplane/contracts';
import type { Commands } from '../commands.ts';
import {
  countCredentialChange,
  homeOf,
  type Instance,
  lockInstance,
} from '../connector-instances/connector-instances.ts';
import type { Database, Transaction } from '../database/database.ts';
import { orNotFound } from '../or-not-found.ts';
import type { Publishing } from '../publishing/publishing.ts';
import { getLockedServer, listInstanceServers } from '../servers/servers.ts';
import * as store from './store.ts';

/** One writer of the credentials of a scope at a time, so that what is listed is what the secret store holds. */
export type CredentialWriter = {
  /** `command` makes the data plane store them, and `answerMsMax` is for one that takes longer than others. */
  write(
    instance: Instance,
    ref: CredentialRef,
    authenticationId: string,
    command: Command,
    answerMsMax?: number,
  ): Promise<store.Credential>;
  remove(instance: Instance, ref: CredentialRef): Promise<store.Credential>;
};

export function createCredentialWriter(options: {
  database: Database;
  commands: Commands;
  publishing: Publishing;
}): CredentialWriter {
  const { database, commands, publishing } = options;

  /** Its server first, as everybody who locks both. Gives the id of the server when clients must hear of the change. */
  async function lockAndCount(
    tx: Transaction,
    { id }: Instance,
    { scope }: CredentialRef,
  ): Promise<string | undefined> {
    const [server] = await listInstanceServers(tx, [id]);
    if (server !== undefined) await getLockedServer(tx, server.id);
    orNotFound(await lockInstance(tx, id));
    // What a user or an agent has changes only what they do.
    if (scope === 'user' || scope === 'agent') return undefined;
    await countCredentialChange(tx, id);
    if (server !== undefined) await publishing.reopenServer(tx, server.id);
    return server?.id;
  }

  async function write(
    ...[instance, ref, authenticationId, command, answerMsMax]: Parameters<CredentialWriter['write']>
  ) {
    const home = homeOf(instance);
    const { saved, serverId } = await database.within(home, async (tx) => {
      await store.lockCredential(tx, ref);
      const stored = storedCredentialSchema.parse(await commands.send(home.workspaceId, command, answerMsMax));
      try {
        const serverId = await lockAndCount(tx, instance, ref);
        return { serverId, saved: await store.saveCredential(tx, ref, instance, { ...stored, authenticationId }) };
      } catch (error) {
        // The instance was deleted meanwhile, and its removal does not know of these.
        if (error instanceof AppError && error.code === 'not_found') {
          await commands.send(home.workspaceId, { command: 'delete_credential', ref });
        }
        throw error;
      }
    });
    if (serverId !== undefined) await publishing.publishServerSoon(serverId);
    return saved;
  }

  async function remove(instance: Instance, ref: CredentialRef): Promise<store.Credential> {
    const home = homeOf(instance);
    const { removed, serverId } = await database.within(home, async (tx) => {
      await store.lockCredential(tx, ref);
      const removed = orNotFound(await store.findCredential(tx, ref));
      await commands.send(home.workspaceId, { command: 'delete_credential', ref });
      const serverId = await lockAndCount(tx, instance, ref);
      await store.deleteCredential(tx, ref);
      return { removed, serverId };
    });
    if (serverId !== undefined) await publishing.publishServerSoon(serverId);
    return removed;
  }

  return { write, remove };
}
