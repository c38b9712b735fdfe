import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type SecretRef } from '@toolplane/contracts';
import { declaredHostSchema } from '@toolplane/contracts/declared-host';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';
import { checkSecretRef, SECRET_BYTES_MAX, type Secret, type SecretStore } from './secret-store.ts';
import { checkSecretsFolder, openSecretsFolder } from './secrets-folder.ts';

/**
 * Reads a folder that another program fills, for example a mounted Kubernetes Secret, with one file per secret, named
 * `<workspace>.<server>.<name>`. Nothing is cached here: the cache in front of this store sees a replaced file when it
 * next reads it.
 */
export async function createMountedStore({ folder }: { folder: string }): Promise<SecretStore> {
  await openSecretsFolder(folder, { isMade: false });

  async function get(ref: SecretRef): Promise<Secret | undefined> {
    const name = fileOf(ref);
    const text = await readFile(join(folder, name), 'utf8').catch(async (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT' && cause.code !== 'ENAMETOOLONG') throw unreadable(name, cause.code);
      // Files that disappeared with their folder do not count as missing secrets.
      await checkSecretsFolder(folder);
    });
    return text === undefined ? undefined : parseFile(name, text);
  }

  const refuse = async (ref: SecretRef) => {
    checkSecretRef(ref);
    throw new AppError('secret_store_read_only', 'Secrets are set where the data plane is deployed, not here');
  };
  return { get, put: refuse, create: refuse, delete: refuse };
}

/**
 * The name is a valid key of a Kubernetes Secret. No part contains a dot, so names are unambiguous and cannot lead to
 * other paths.
 */
function fileOf(ref: SecretRef): string {
  const { workspaceId, serverId, name, version } = checkSecretRef(ref);
  return [workspaceId, serverId, name, ...(version === undefined ? [] : [version])].join('.');
}

/**
 * People write these files and count `version` themselves. Credentials of a connector have an object as their value.
 */
const fileSchema = z.strictObject({
  value: z.union([z.string().min(1), z.record(z.string(), z.unknown()).transform((record) => JSON.stringify(record))]),
  hosts: z.array(declaredHostSchema).min(1).max(32),
  version: z.int().min(1).default(1),
});

/** The parser's message may quote the secret, so only the file is named. */
function parseFile(name: string, text: string): Secret {
  if (Buffer.byteLength(text) > SECRET_BYTES_MAX) throw unreadable(name, `takes more than ${SECRET_BYTES_MAX} bytes`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw unreadable(name, 'is not JSON');
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) throw unreadable(name, 'is not {"value": …, "hosts": [host, …]}');
  const { value, hosts, version } = parsed.data;
  return { value: new SecretValue(value), hosts, version };
}

function unreadable(name: string, reason: string | undefined): AppError {
  // The cause is one of our errors, because the log leaves out the messages of others.
  const cause = new AppError('secret_unavailable', `${name}: ${reason}`);
  return new AppError('secret_unavailable', 'The file of a secret cannot be read', { cause });
}
