import { mkdir, opendir, stat } from 'node:fs/promises';
import { AppError } from '@toolplane/contracts';

const PROBLEMS: Record<string, string> = {
  ENOENT: 'is not there',
  EEXIST: 'is not a folder',
  ENOTDIR: 'is not a folder',
};

/** Called before the store is used, so that a wrong setting is reported in one line that names it. */
export async function openSecretsFolder(folder: string, { isMade }: { isMade: boolean }): Promise<void> {
  try {
    if (isMade) await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await stat(folder)).isDirectory()) return;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw unusable(folder, PROBLEMS[code] ?? `cannot be used: ${code}`);
  }
  throw unusable(folder, 'is not a folder');
}

/**
 * Checks the folder of a store in use: rejects if the folder is missing, or is empty although it has held files, for
 * example because it was not mounted again. Callers learn neither the setting nor the path, which are in the cause for
 * the log.
 */
export async function checkSecretsFolder(folder: string, { hasHeldFiles = false } = {}): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) throw lost(folder, 'is not a folder');
  if (hasHeldFiles && (await isEmpty(folder))) throw lost(folder, 'has become empty');
}

async function isEmpty(folder: string): Promise<boolean> {
  for await (const _entry of await opendir(folder)) return false;
  return true;
}

function lost(folder: string, problem: string): AppError {
  const cause = unusable(folder, problem);
  return new AppError('secret_unavailable', 'The secret store cannot be used', { cause });
}

function unusable(folder: string, problem: string): AppError {
  return new AppError('secret_unavailable', `SECRETS_DIR: ${folder} ${problem}`);
}
