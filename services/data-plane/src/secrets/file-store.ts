import assert from 'node:assert';
import { createCipheriv, createDecipheriv, hash, randomBytes, randomUUID } from 'node:crypto';
import { link, open as openFile, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type SecretRef } from '@toolplane/contracts';
import type { SecretValue } from '@toolplane/service-kit';
import { parseSecret, type Secret, type SecretStore, secretPath, serializeSecret } from './secret-store.ts';
import { checkSecretsFolder, openSecretsFolder } from './secrets-folder.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * `key` may contain several keys, comma-separated: the first one seals, and all of them open stored files.
 *
 * Each secret is one file, sealed with AES-256-GCM and bound to its name, so that a file that was moved to the name of
 * another is refused. File names are hashes: names of secrets are case-sensitive, and some file systems are not.
 *
 * A missing folder is created, unless `mustExist` is set.
 */
export async function createFileStore({
  folder,
  key,
  mustExist = false,
}: {
  folder: string;
  key: SecretValue;
  mustExist?: boolean;
}): Promise<SecretStore> {
  await openSecretsFolder(folder, { isMade: !mustExist });
  const keys = key
    .reveal()
    .split(',')
    .map((text) => Buffer.from(text, 'base64'));
  const sealingKey = keys[0] ?? assert.fail('SECRETS_KEYS holds no key');
  const fileOf = (path: string) => join(folder, `${hash('sha256', path)}.sealed`);
  let hasHeldFiles = false;

  /**
   * Files that disappeared with their folder do not count as missing secrets, and a file that is written to an empty
   * mount point is lost when the folder is mounted again. A store that was ever used is not empty, because the sealing
   * key is never deleted.
   */
  const checkFolder = () => checkSecretsFolder(folder, { hasHeldFiles });

  /** Readers see either the old file or the new one, never a part; `move` decides what happens to the old file. */
  async function write(ref: SecretRef, secret: Secret, move: (from: string, to: string) => Promise<void>) {
    const path = secretPath(ref);
    const sealed = seal(sealingKey, path, serializeSecret(secret));
    const draft = join(folder, `${randomUUID()}.draft`);
    await checkFolder();
    try {
      const file = await openFile(draft, 'wx', 0o600);
      await file.writeFile(sealed);
      await file.sync();
      await file.close();
      await move(draft, fileOf(path));
      hasHeldFiles = true;
    } finally {
      await rm(draft, { force: true });
    }
  }

  return {
    get: (ref) =>
      guarded(async () => {
        const path = secretPath(ref);
        const sealed = await readFile(fileOf(path)).catch(undefinedWhen('ENOENT'));
        if (sealed === undefined) return void (await checkFolder());
        hasHeldFiles = true;
        return parseSecret(unseal(keys, path, sealed));
      }),
    put: (ref, secret) => guarded(() => write(ref, secret, rename)),
    create: (ref, secret) =>
      guarded(async () => {
        const created = await write(ref, secret, link).then(() => true, undefinedWhen('EEXIST'));
        return created ?? false;
      }),
    delete: (ref) =>
      guarded(async () => {
        await checkFolder();
        await rm(fileOf(secretPath(ref)), { force: true });
      }),
  };
}

function seal(key: Buffer, path: string, text: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(path));
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

function unseal(keys: readonly Buffer[], path: string, sealed: Buffer): string {
  for (const key of keys) {
    try {
      return open(key, path, sealed);
    } catch {
      // The file may have been sealed with the next key.
    }
  }
  const message =
    'A secret cannot be opened: its file was changed, or SECRETS_KEYS no longer contains the key that it was sealed with';
  throw new AppError('secret_unavailable', message);
}

function open(key: Buffer, path: string, sealed: Buffer): string {
  const tagAt = sealed.length - TAG_BYTES;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(path)).setAuthTag(sealed.subarray(tagAt));
  return decipher.update(sealed.subarray(NONCE_BYTES, tagAt), undefined, 'utf8') + decipher.final('utf8');
}

async function guarded<Result>(use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('secret_unavailable', 'The secret store cannot be used', { cause });
  }
}

function undefinedWhen(code: string) {
  return (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== code) throw error;
  };
}
