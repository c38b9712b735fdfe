import { readFileSync } from 'node:fs';

/** Which release a process is of; `unknown` where nobody said it. */
export type BuildInfo = { version: string; revision: string };

/** The version is that of the project, the revision what its image was built from. */
export function readBuildInfo(revision = process.env['TOOLPLANE_REVISION']): BuildInfo {
  return { version: readVersion(), revision: revision || 'unknown' };
}

function readVersion(): string {
  try {
    const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version?: unknown };
    return typeof version === 'string' ? version : 'unknown';
  } catch {
    return 'unknown';
  }
}
