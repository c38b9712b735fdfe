import type { AppError, SecretRef } from '@toolplane/contracts';
import { z } from 'zod';
import { parseSecret, type Secret, type SecretStore, secretPath, serializeSecret } from './secret-store.ts';
import {
  createVaultClient,
  unavailable,
  type VaultAnswer,
  type VaultRequest,
  type VaultSettings,
} from './vault-client.ts';
import { createVaultToken, type VaultAuthentication } from './vault-token.ts';

/** Uses HashiCorp Vault or OpenBao, KV version 2. A record's members are the keys of the entry. */
export function createVaultStore(options: {
  environment: string;
  /** The mount path of the secrets engine. */
  mount: string;
  settings: VaultSettings;
  authentication: VaultAuthentication;
  now?: () => number;
}): SecretStore {
  const { environment, mount, settings, authentication, now } = options;
  const client = createVaultClient(settings);
  const token = createVaultToken(authentication, client, now);
  const pathOf = (ref: SecretRef) => `toolplane/${environment}/${secretPath(ref)}`;

  async function ask(request: Omit<VaultRequest, 'token'>): Promise<VaultAnswer> {
    const used = await token.get();
    const answer = await client({ ...request, token: used });
    if (answer.status !== 403 || !token.replace(used)) return answer;
    return client({ ...request, token: await token.get() });
  }

  async function write(ref: SecretRef, secret: Secret, options: { cas?: 0 }): Promise<VaultAnswer> {
    const json = { options, data: JSON.parse(serializeSecret(secret)) };
    return ask({ method: 'POST', path: `${mount}/data/${pathOf(ref)}`, json });
  }

  return {
    async get(ref) {
      const answer = await ask({ method: 'GET', path: `${mount}/data/${pathOf(ref)}` });
      if (answer.status === 404 && isAbsence(answer.body)) return undefined;
      if (answer.status !== 200) throw refused(answer);
      const entry = entrySchema.safeParse(answer.body);
      if (!entry.success) throw unavailable('Vault returned something other than an entry of KV version 2');
      return parseSecret(JSON.stringify(entry.data.data.data));
    },
    async put(ref, secret) {
      const answer = await write(ref, secret, {});
      if (!isWritten(answer)) throw refused(answer);
    },
    async create(ref, secret) {
      const answer = await write(ref, secret, { cas: 0 });
      if (isWritten(answer)) return true;
      if (answer.status === 400 && errorsOf(answer.body).some((text) => text.includes(CAS_MISMATCH))) return false;
      throw refused(answer);
    },
    /** Deletes the secret with all its versions: a deleted credential must be gone. */
    async delete(ref) {
      const answer = await ask({ method: 'DELETE', path: `${mount}/metadata/${pathOf(ref)}` });
      if (answer.status !== 204) throw refused(answer);
    },
  };
}

const CAS_MISMATCH = 'check-and-set parameter did not match';

const entrySchema = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()) }) });
const writtenSchema = z.object({ data: z.object({ version: z.int() }) });
const errorsSchema = z.object({ errors: z.array(z.string()) });
/** The response if somebody deleted the newest version of a secret by hand. */
const deletedSchema = z.object({ data: z.object({ data: z.null() }) });

function isWritten({ status, body }: VaultAnswer): boolean {
  return status === 200 && writtenSchema.safeParse(body).success;
}

/**
 * Vault also responds with 404 if the secrets engine is missing, and then includes an error: that is a wrong setting,
 * not a missing secret.
 */
function isAbsence(body: unknown): boolean {
  const errors = errorsSchema.safeParse(body);
  return errors.success ? errors.data.errors.length === 0 : deletedSchema.safeParse(body).success;
}

function errorsOf(body: unknown): string[] {
  return errorsSchema.safeParse(body).data?.errors ?? [];
}

/** Vault's messages are passed on only to logs: they name paths and rules, but no values. */
function refused({ status, body }: VaultAnswer): AppError {
  return unavailable(`Vault answers ${status}: ${errorsOf(body).join('; ').slice(0, 500)}`);
}
