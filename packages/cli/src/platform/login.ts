import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { refuseUnencrypted } from './send.ts';

/** The origin of the control plane, without `/api/v1`, and an API key for it. */
export type Login = {
  api: string;
  key: string;
  /** The name under which it is saved. Absent if it comes from the environment. */
  profile?: string | undefined;
};

type SavedLogin = Login & { profile: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** For people with a single platform, who need no names. */
const DEFAULT_PROFILE = 'default';

const FOR_OWNER_ALONE = 0o600;
const FOLDER_FOR_OWNER_ALONE = 0o700;

const notLoggedIn = (message: string) => new CliError(message, { code: 'not_logged_in' });

/**
 * `profile` is the one in the command line, and takes precedence. Without it, the login comes from `TOOLPLANE_API` and
 * `TOOLPLANE_API_KEY`, which pipelines set, or else from `toolplane login`. Throws `CliError`.
 */
export function readLogin(environment: Environment, profile?: string): Login {
  if (profile !== undefined) return readProfile(environment, profile) ?? refuseUnknown(profile);
  const [api, key] = [environment['TOOLPLANE_API'], environment['TOOLPLANE_API_KEY']].map((text) => text || undefined);
  if (api !== undefined && key !== undefined) return { api: toOrigin(api), key: toKey(key) };
  const name = profileOf(environment);
  const saved = readProfile(environment, name);
  // A key is never sent to a platform other than the one for which it was saved.
  if (api !== undefined && saved?.api !== toOrigin(api)) {
    throw notLoggedIn(`There is no key for ${toOrigin(api)}: set TOOLPLANE_API_KEY, or run "toolplane login ${api}"`);
  }
  if (saved === undefined) refuseUnknown(name);
  return key === undefined ? saved : { api: saved.api, key: toKey(key) };
}

function refuseUnknown(profile: string): never {
  if (profile !== DEFAULT_PROFILE) {
    const again = `toolplane login <url> --profile ${profile}`;
    throw notLoggedIn(`There is no profile "${profile}": run "${again}"; "toolplane profiles" lists the existing ones`);
  }
  throw notLoggedIn('Not logged in: run "toolplane login <url>", or set TOOLPLANE_API and TOOLPLANE_API_KEY');
}

/** All saved logins, by name. Those that cannot be read are left out. */
export function listProfiles(environment: Environment): SavedLogin[] {
  const files = readNames(join(folderOf(environment), PROFILES));
  const names = [DEFAULT_PROFILE, ...files.flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []).sort()];
  return names.filter(isProfile).flatMap((name) => {
    try {
      return readProfile(environment, name) ?? [];
    } catch {
      return [];
    }
  });
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Returns the path of the file, which only its owner can read. */
export function saveLogin(environment: Environment, { api, key, profile }: SavedLogin): string {
  const path = fileOf(environment, profile);
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_FOR_OWNER_ALONE });
  writeFileSync(path, `${JSON.stringify({ api, key }, null, 2)}\n`, { mode: FOR_OWNER_ALONE });
  // A file that already existed keeps its mode.
  chmodSync(path, FOR_OWNER_ALONE);
  return path;
}

export function removeLogin(environment: Environment, profile: string): void {
  rmSync(fileOf(environment, profile), { force: true });
}

/** The profile that is used if none is named. */
export function profileOf({ TOOLPLANE_PROFILE: name }: Environment): string {
  return name || DEFAULT_PROFILE;
}

/** The origin of a URL that people copy from the address of a page or of the API. Throws `CliError`. */
export function toOrigin(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CliError(`"${text}" is not the URL of a platform: it must begin with https://`);
  }
  refuseUnencrypted(url);
  return url.origin;
}

/** Accepts a text that can be sent in a header. The error does not quote the text. Throws `CliError`. */
export function toKey(text: string): string {
  if (!isKey(text)) throw new CliError('This is not an API key: a key has no spaces and is a single line');
  return text;
}

function isKey(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

const savedSchema = z.object({ api: z.string(), key: z.string().refine(isKey) });

function readProfile(environment: Environment, profile: string): SavedLogin | undefined {
  const path = fileOf(environment, profile);
  try {
    const { api, key } = savedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return { api: toOrigin(api), key, profile };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  }
  throw notLoggedIn(`${path} cannot be read: run "toolplane login" again`);
}

const PROFILES = 'profiles';

function isProfile(name: string): boolean {
  return /^\w[\w.-]{0,63}$/.test(name);
}

/** Each profile has its own file, so that two simultaneous logins do not collide. */
function fileOf(environment: Environment, profile: string): string {
  if (!isProfile(profile))
    throw new CliError(`"${profile}" is not a profile name: use letters, digits, "_", "-" and "."`);
  const file = profile === DEFAULT_PROFILE ? 'login.json' : join(PROFILES, `${profile}.json`);
  return join(folderOf(environment), file);
}

function folderOf({ XDG_CONFIG_HOME: folder }: Environment): string {
  return join(folder || join(homedir(), '.config'), 'toolplane');
}
