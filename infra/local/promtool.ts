import { unpackDebianProgram } from './debian-package.ts';
import { LocalError } from './local-error.ts';
import { findOnPath } from './on-path.ts';

/** Written in Go: it brings all that it needs. */
const DEBIAN = { name: 'promtool', packages: ['prometheus'], needsLibraries: false };

/**
 * Checks rules and metrics as Prometheus does: promtool on PATH or Debian's, unpacked into the cache of the project.
 */
export async function findPromtool(cacheFolder: string): Promise<string> {
  const binary = findOnPath('promtool') ?? (await unpackDebianProgram(cacheFolder, DEBIAN));
  if (binary !== undefined) return binary;
  throw new LocalError('promtool is missing, but the tests of metrics and alerts require it: it comes with Prometheus');
}
