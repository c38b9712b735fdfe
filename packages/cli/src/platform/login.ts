import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError } from '../cli-error.ts';
import { refuseUnencrypted } from './send.ts';

/** Origin of the control plane, without `/api/v1`, and an API key for it. */
export type Login = { api: string; key: string };

type Environment = Readonly<Record<string, string | undefined>>;

const FOR_OWNER_ALONE = 0o600;
const FOLDER_FOR_OWNER_ALONE = 0o700;

/** Of `TOOLPLANE_API` and `TOOLPLANE_API_KEY`, which pipelines set; else what `toolplane login` has saved. */
export function readLogin(environment: Environment): Login {
  const [api, key] = [environment['TOOLPLANE_API'], environment['TOOLPLANE_API_KEY']].map((text) => text || undefined);
  if (api !== undefined && key !== undefined) return { api: toOrigin(api), key: toKey(key) };
  const saved = readSaved(environment);
  // A key is never sent to another platform than the one that it was saved for.
  if (api !== undefined && saved?.api !== toOrigin(api)) {
    throw new CliError(`There is no key for ${toOrigin(api)}: set TOOLPLANE_API_KEY, or run "toolplane login ${api}"`);
  }
  if (saved === undefined) {
    throw new CliError('Not logged in: run "toolplane login <url>", or set TOOLPLANE_API and TOOLPLANE_API_KEY');
  }
  return { ...saved, ...(key === undefined ? {} : { key: toKey(key) }) };
}

/** Gives the path of the file, which nobody else on this machine can read. */
export function saveLogin(environment: Environment, login: Login): string {
  const path = fileOf(environment);
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_FOR_OWNER_ALONE });
  writeFileSync(path, `${JSON.stringify(login, null, 2)}\n`, { mode: FOR_OWNER_ALONE });
  // A file that was there before keeps the mode that it had.
  chmodSync(path, FOR_OWNER_ALONE);
  return path;
}

export function removeLogin(environment: Environment): void {
  rmSync(fileOf(environment), { force: true });
}

/** The origin of what people copy from the address of a page or of the API. Throws `CliError`. */
export function toOrigin(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CliError(`"${text}" is no URL of a platform: it begins with https://`);
  }
  refuseUnencrypted(url);
  return url.origin;
}

/** What can stand in a header; what it is is not quoted. Throws `CliError`. */
export function toKey(text: string): string {
  if (!isKey(text)) throw new CliError('This is no API key: it has no spaces, and is one line');
  return text;
}

function isKey(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

function readSaved(environment: Environment): Login | undefined {
  const path = fileOf(environment);
  try {
    const { api, key } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Login>;
    if (typeof api === 'string' && typeof key === 'string' && isKey(key)) return { api: toOrigin(api), key };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  }
  throw new CliError(`${path} cannot be read: run "toolplane login" again`);
}

function fileOf({ XDG_CONFIG_HOME: folder }: Environment): string {
  return join(folder || join(homedir(), '.config'), 'toolplane', 'login.json');
}
