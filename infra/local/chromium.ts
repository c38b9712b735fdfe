import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LocalError, pickReason } from './local-error.ts';
import { findOnPath } from './on-path.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Returns the path of a Chromium for tests of pages: the one on PATH, or Debian's package, which is installed if this
 * process may do so. Chromium needs too many libraries to be unpacked outside the system's folders.
 */
export async function findChromium(): Promise<string> {
  const known = NAMES.map(findOnPath).find((path) => path !== undefined);
  if (known !== undefined) return known;
  const canInstall = process.getuid?.() === 0 && findOnPath('apt-get') !== undefined;
  if (!canInstall) throw new LocalError(`${MISSING}: install it (on Debian as root: apt-get install chromium)`);
  process.stderr.write("Chromium is not on PATH: installing Debian's package…\n");
  try {
    await runApt('update');
    await runApt('install', '--yes', '--no-install-recommends', 'chromium');
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new LocalError(`${MISSING}, and Debian's package cannot be installed: ${pickReason(stderr || message)}`);
  }
  const installed = findOnPath('chromium');
  if (installed === undefined) throw new LocalError(`${MISSING}, although its package is installed`);
  return installed;
}

const MISSING = 'Chromium is missing, but the tests of pages require it';

async function runApt(...words: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  await promisify(execFile)('apt-get', ['--quiet', ...words], { env, maxBuffer: 64 * 1024 * 1024 });
}
