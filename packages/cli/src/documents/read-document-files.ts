import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Reference } from '@toolplane/compiler';
import { CliError } from '../cli-error.ts';
import { readDocument, readFile, STDIN, type Stdin } from './read-file.ts';

export type DocumentFiles = {
  /** The name of the document, for people. */
  name: string;
  definition: string;
  references: Reference[];
  /** For each name of a source description: the file from which it was read, relative to the current folder. */
  files: Map<string, string>;
};

/**
 * Reads a document, the files that it refers to by relative URLs, and the files that these refer to in turn. `given`
 * has files by the names of source descriptions. Sources with an https URL are fetched by the platform. The path `-` is
 * stdin, which refers to files relative to the current folder. Throws `CliError`.
 */
export async function readDocumentFiles(
  path: string,
  given: ReadonlyMap<string, string>,
  stdin: Stdin,
): Promise<DocumentFiles> {
  const { listMissingFiles } = await import('@toolplane/compiler');
  const folder = path === STDIN ? '.' : dirname(path);
  const { name, text: definition } = await readDocument(path, stdin);
  const document: DocumentFiles = { name, definition, references: [], files: new Map() };
  const add = (name: string, location: string, file: string) => {
    document.references.push({ name, location, content: readFile(file) });
    document.files.set(name, file);
  };
  for (const [name, file] of given) add(name, toPosix(relative(folder, file)), file);
  for (;;) {
    const missing = listMissingFiles(document.definition, document.references)
      .map(({ url, from, ...rest }) => ({ ...rest, location: toPosix(join(dirname(from), decode(url))) }))
      .filter(({ location, hasNamesake }) => !hasNamesake || existsSync(join(folder, location)))
      .find(({ name, location }) => !isThere(document.references, name, location));
    if (missing === undefined) return document;
    const file = join(folder, missing.location);
    refuseOutside(file, folder, missing.name);
    add(missing.name, missing.location, file);
  }
}

function isThere(references: readonly Reference[], name: string, location: string): boolean {
  return references.some((reference) => reference.name === name && reference.location === location);
}

/**
 * A document from somebody else must not be able to send files of this machine away. Only files in its folder, in the
 * current one, or named in options are read.
 */
function refuseOutside(file: string, folder: string, name: string): void {
  if (!existsSync(file)) throw new CliError(`${file}, the document of the source "${name}", does not exist`);
  if (!statSync(file).isFile()) throw new CliError(`${file}, the document of the source "${name}", is not a file`);
  // Hidden files contain settings and keys. The documents of APIs are not hidden.
  const isHidden = /(^|[\\/])\.[^./\\]/.test(relative(folder, realpathSync(file)));
  if (isHidden)
    throw new CliError(
      `The source "${name}" is ${file}, which is hidden: to allow it, add --reference ${name}=${file}`,
    );
  const isInside = [folder, '.'].some((each) => isWithin(realpathSync(file), realpathSync(resolve(each))));
  if (isInside) return;
  throw new CliError(
    `The source "${name}" is ${file}, outside the document's folder and the current one: to allow it, add --reference ${name}=${file}`,
  );
}

function isWithin(file: string, folder: string): boolean {
  return file.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** The path of a relative URL, without its query and fragment. */
function decode(url: string): string {
  try {
    return decodeURIComponent(url.replace(/[?#].*$/s, ''));
  } catch {
    return url;
  }
}

function toPosix(path: string): string {
  return path.split(sep).join('/');
}
