import { unpackDebianProgram } from './debian-package.ts';
import { LocalError } from './local-error.ts';
import { findOnPath } from './on-path.ts';

/** promtool is written in Go and brings everything that it needs. */
const DEBIAN = { name: 'promtool', packages: ['prometheus'], needsLibraries: false };

/**
 * Returns the path of promtool, which checks rules and metrics as Prometheus does: the one on PATH, or Debian's,
 * unpacked into the project's cache.
 */
export async function findPromtool(cacheFolder: string): Promise<string> {
  const binary = findOnPath('promtool') ?? (await unpackDebianProgram(cacheFolder, DEBIAN));
  if (binary !== undefined) return binary;
  throw new LocalError('promtool is missing, but the tests of metrics and alerts require it: it comes with Prometheus');
}
