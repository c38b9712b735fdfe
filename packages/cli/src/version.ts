import { readFileSync } from 'node:fs';

/** Set in the built file; absent when the sources run. */
declare const BUILT: { version: string; revision: string } | undefined;

/** As the services report theirs: the version of the project, and the revision if the build set it. */
export function toVersion(): string {
  const { version, revision } = typeof BUILT === 'undefined' ? { version: readVersion(), revision: '' } : BUILT;
  return revision === '' ? version : `${version} (${revision})`;
}

function readVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
