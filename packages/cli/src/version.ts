import { readFileSync } from 'node:fs';

/** Set in the built file. Absent if the sources run directly. */
declare const BUILT: { version: string; revision: string } | undefined;

/** The version in the format of the services: that of the project, and the revision if the build set it. */
export function toVersion(): string {
  const { version, revision } = typeof BUILT === 'undefined' ? { version: readVersion(), revision: '' } : BUILT;
  return revision === '' ? version : `${version} (${revision})`;
}

function readVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
