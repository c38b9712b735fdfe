import { readFileSync, statSync } from 'node:fs';
import { CliError } from '../cli-error.ts';

/** More than the platform takes of anything. */
const BYTES_MAX = 32 * 1024 ** 2;

/** A file that was named, as text. Throws `CliError`. */
export function readFile(path: string): string {
  try {
    if (statSync(path).size > BYTES_MAX) throw new Error('it is larger than 32 MiB');
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${(error as Error).message}`);
  }
}
