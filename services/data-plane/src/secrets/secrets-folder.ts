import { mkdir, stat } from 'node:fs/promises';
import { AppError } from '@toolplane/contracts';

const PROBLEMS: Record<string, string> = {
  ENOENT: 'is not there',
  EEXIST: 'is not a folder',
  ENOTDIR: 'is not a folder',
};

/** Checked before the store is used: a wrong setting is reported in one line that names it. */
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

function unusable(folder: string, problem: string): AppError {
  return new AppError('secret_unavailable', `SECRETS_DIR: ${folder} ${problem}`);
}
