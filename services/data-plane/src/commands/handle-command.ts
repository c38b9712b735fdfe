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
import { openCredential, openSecret } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import type { FetchDocument } from '../documents/fetch-document.ts';
import type { RunTools } from '../execution/run.ts';
import type { CredentialRecords } from '../secrets/credential-records.ts';
import { REDACTABLE_LENGTH_MIN } from '../secrets/redactable.ts';
import type { SealingKeyPair } from '../secrets/sealing-key.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { isOfTenant } from './is-of-tenant.ts';
import { finishAuthorization, startAuthorization } from './sign-in.ts';
import { storeCredential } from './store-credential.ts';
import { testConnection } from './test-connection.ts';

type DeliveredCommand = Pick<DeliveredCall, 'tenant' | 'body' | 'signal' | 'leaveSlot'>;

export type CommandHandler = (command: DeliveredCommand) => Promise<Outcome>;

/**
 * What the control plane may ask: the public key to seal for, to keep or drop what is sealed, to sign a person in, and
 * to fetch a document or test a connection, because nobody else may open a connection to a customer's host.
 */
export function createCommandHandler(options: {
  store: SecretStore;
  records: CredentialRecords;
  getSealingKey(): Promise<SealingKeyPair>;
  /** Told after each change, so that no replica goes on with what it read before. */
  announceChange(ref: SecretRef): Promise<void>;
  fetchDocument: FetchDocument;
  tools: RunTools;
}): CommandHandler {
  const { store, records, getSealingKey, announceChange, fetchDocument, tools } = options;
  const signIn = { records, client: tools.client, getSealingKey, now: () => tools.clock.now() };

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
      case 'store_credential': {
        // Waits while the record is changed by others, and must not hold up commands that do not.
        leaveSlot();
        const { privateJwk } = await getSealingKey();
        const opened = await openCredential(privateJwk, command.sealed);
        return storeCredential(records, command, opened, tools.clock.now());
      }
      case 'delete_credential':
        leaveSlot();
        await records.remove(command.ref);
        return null;
      case 'test_connection':
        leaveSlot();
        return (await testConnection(command, signal, tools)) as Json;
      case 'start_authorization':
        return startAuthorization(signIn, command);
      case 'finish_authorization':
        leaveSlot();
        return finishAuthorization(signIn, command);
      case 'fetch_document':
        return fetchDocument(command.url, { tenant, signal, onWait: leaveSlot });
    }
  }

  return async (delivered) => {
    try {
      return succeeded(await run(parseCommand(delivered), delivered));
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === 'internal') tools.onInternalError(thrown);
      const { details } = error;
      return failed('done', error.code, error.message, details === undefined ? {} : { details: details as Json });
    }
  };
}

function parseCommand({ tenant, body }: DeliveredCommand): Command {
  const parsed = commandSchema.safeParse(body);
  if (!parsed.success) throw new AppError('invalid_request', 'Not a command of this release');
  if (!isOfTenant(parsed.data, tenant)) throw new AppError('not_found', 'Not found');
  return parsed.data;
}
