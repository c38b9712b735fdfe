import { readFileSync } from 'node:fs';

/** Stands in the file that is built; whoever runs the sources has none. */
declare const BUILT: { version: string; revision: string } | undefined;

/** As the services say theirs: the version of the project, and the revision if whoever built it told that. */
export function toVersion(): string {
  const { version, revision } = typeof BUILT === 'undefined' ? { version: readVersion(), revision: '' } : BUILT;
  return revision === '' ? version : `${version} (${revision})`;
}

function readVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
