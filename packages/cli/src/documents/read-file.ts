import { readFileSync, statSync } from 'node:fs';
import { CliError } from '../cli-error.ts';

/** More than the platform takes of anything. */
const MIB_MAX = 32;
const BYTES_MAX = MIB_MAX * 1024 ** 2;

/** A file that was named, as text. Throws `CliError`. */
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

/** Used in place of a path when a document is piped. */
export const STDIN = '-';
export type Stdin = { readInput(): Promise<string> };

/** A document from a file or from stdin, and what it is called. Throws `CliError`. */
export async function readDocument(path: string, { readInput }: Stdin): Promise<{ name: string; text: string }> {
  return path === STDIN ? { name: 'stdin', text: await readInput() } : { name: path, text: readFile(path) };
}

/** All that somebody pipes or sends, as text; `name` is what it is called where it is too much. Throws `CliError`. */
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
