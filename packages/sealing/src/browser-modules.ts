import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The library for sealing, as modules that a browser can import: paths and texts. A page seals in the same way as
 * `sealSecret`, with `jwe/compact/encrypt.js` and `key/import.js`.
 */
export function readBrowserModules(): ReadonlyMap<string, string> {
  const folder = dirname(createRequire(import.meta.url).resolve('jose'));
  const paths = globSync('**/*.js', { cwd: folder });
  return new Map(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(folder, path), 'utf8')]));
}
