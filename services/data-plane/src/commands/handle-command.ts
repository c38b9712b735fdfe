import type { DeliveredCall } from '@toolplane/bus';
import {
  AppError,
  type Command,
  commandSchema,
  failed,
  type Json,
  type Outcome,
  type SecretRef,
  type StoredSecret,
  succeeded,
  toAppError,
} from '@toolplane/contracts';
import { openSecret } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import type { FetchDocument } from '../documents/fetch-document.ts';
import { REDACTABLE_LENGTH_MIN } from '../secrets/redactable.ts';
import type { SealingKeyPair } from '../secrets/sealing-key.ts';
import type { SecretStore } from '../secrets/secret-store.ts';

type DeliveredCommand = Pick<DeliveredCall, 'tenant' | 'body' | 'signal' | 'leaveSlot'>;

export type CommandHandler = (command: DeliveredCommand) => Promise<Outcome>;

/**
 * What the control plane may ask: the public key to seal for, to keep or drop a sealed secret, and to fetch a document,
 * because nobody else may open a connection to a customer's host.
 */
export function createCommandHandler(options: {
  store: SecretStore;
  getSealingKey(): Promise<SealingKeyPair>;
  /** Told after each change, so that no replica goes on with what it read before. */
  announceChange(ref: SecretRef): Promise<void>;
  fetchDocument: FetchDocument;
  onInternalError(error: unknown): void;
}): CommandHandler {
  const { store, getSealingKey, announceChange, fetchDocument } = options;

  async function storeSecret(ref: SecretRef, sealed: string): Promise<StoredSecret> {
    const { privateJwk } = await getSealingKey();
    const { value, hosts } = await openSecret(privateJwk, sealed);
    const version = ((await store.get(ref))?.version ?? 0) + 1;
    await store.put(ref, { value: new SecretValue(value), hosts, version });
    await announceChange(ref);
    return { version, hosts, isRedactable: value.length >= REDACTABLE_LENGTH_MIN };
  }

  async function deleteSecret(ref: SecretRef): Promise<null> {
    await store.delete(ref);
    await announceChange(ref);
    return null;
  }

  async function run(command: Command, { tenant, signal, leaveSlot }: DeliveredCommand): Promise<Json> {
    switch (command.command) {
      case 'get_sealing_key':
        return (await getSealingKey()).publicKey;
      case 'store_secret':
        return storeSecret(command.ref, command.sealed);
      case 'delete_secret':
        return deleteSecret(command.ref);
      case 'fetch_document':
        return fetchDocument(command.url, { tenant, signal, onWait: leaveSlot });
    }
  }

  return async (delivered) => {
    try {
      return succeeded(await run(parseCommand(delivered), delivered));
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === 'internal') options.onInternalError(thrown);
      return failed('done', error.code, error.message);
    }
  };
}

/** A command may touch only the secrets of the tenant that it is sealed for. */
function parseCommand({ tenant, body }: DeliveredCommand): Command {
  const parsed = commandSchema.safeParse(body);
  if (!parsed.success) throw new AppError('invalid_request', 'Not a command of this release');
  if ('ref' in parsed.data && parsed.data.ref.workspaceId !== tenant) {
    throw new AppError('not_found', 'Not found');
  }
  return parsed.data;
}
