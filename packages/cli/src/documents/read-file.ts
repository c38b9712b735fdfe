import { readFileSync, statSync } from 'node:fs';
import { CliError } from '../cli-error.ts';

/** More than the platform accepts for anything. */
const MIB_MAX = 32;
const BYTES_MAX = MIB_MAX * 1024 ** 2;

/** Reads a named file as text. Throws `CliError`. */
export function readFile(path: string): string {
  try {
    if (statSync(path).size > BYTES_MAX) throw new Error(`it is larger than ${MIB_MAX} MiB`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new CliError(`${path} cannot be read: ${reason}`, { code: 'file_unreadable' });
  }
}

/** Replaces the path of a document that is piped. */
export const STDIN = '-';
export type Stdin = { readInput(): Promise<string> };

/** Reads a document from a file or from stdin, and returns its text with a name for it. Throws `CliError`. */
export async function readDocument(path: string, { readInput }: Stdin): Promise<{ name: string; text: string }> {
  return path === STDIN ? { name: 'stdin', text: await readInput() } : { name: path, text: readFile(path) };
}

/**
 * Reads everything that is piped or sent, as text. `name` is used in the error if there is too much. Throws `CliError`.
 */
export async function readAtMost(
  source: AsyncIterable<Uint8Array>,
  name: string,
  bytesMax = BYTES_MAX,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of source) {
    bytes += part.byteLength;
    if (bytes > bytesMax)
      throw new CliError(`${name} is larger than ${bytesMax / 1024 ** 2} MiB`, { code: 'too_large' });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
