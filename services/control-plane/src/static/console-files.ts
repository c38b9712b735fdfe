import { randomBytes } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file in the form in which it is served. */
export type ConsoleFile = { type: string; bytes: Buffer; gzipped: Buffer };

/** The built web console: its page, and the files that the page loads, by their paths below `/console/`. */
export type ConsoleFiles = { page: string; files: ReadonlyMap<string, ConsoleFile> };

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** The placeholder that the build writes for the nonce of a response. */
const NONCE = '__CSP_NONCE__';

/**
 * Reads everything into memory, so that no path of a request becomes a path of a file. Throws if the console was not
 * built.
 */
export function readConsole(folder: string): ConsoleFiles {
  const index = join(folder, 'index.html');
  if (!existsSync(index))
    throw new Error(`CONSOLE_DIR: ${index} does not exist, so the console has not been built there`);
  const page = readFileSync(index, 'utf8');
  const paths = globSync('**/*', { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile());
  const files = paths.flatMap((path) => {
    const type = TYPES[extname(path)];
    if (type === undefined) return [];
    const bytes = readFileSync(join(folder, path));
    return [[path.replaceAll('\\', '/'), { type, bytes, gzipped: gzipSync(bytes) }] as const];
  });
  return { page, files: new Map(files) };
}

/** The page for one response, and the nonce that its content security policy must contain. */
export function toConsolePage(page: string): { html: string; nonce: string } {
  const nonce = randomBytes(16).toString('base64');
  return { html: page.replaceAll(NONCE, nonce), nonce };
}
