import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { LocalError, pickReason } from './local-error.ts';
import { findOnPath } from './on-path.ts';

export type DebianProgram = {
  /** The name of the program in `bin/` of one of the packages, and of its folder in the cache. */
  name: string;
  packages: string[];
  /** Whether libraries that the system lacks are also unpacked. A program that brings its own libraries needs none. */
  needsLibraries: boolean;
};

/**
 * Unpacks a program from Debian's (or Ubuntu's) packages without root, into a cache folder outside the system's
 * folders; apt downloads the packages and checks their signatures. Returns undefined if the system has no apt.
 */
export async function unpackDebianProgram(cacheFolder: string, program: DebianProgram): Promise<string | undefined> {
  const { name } = program;
  const place = join(cacheFolder, name);
  const binary = join(place, name);
  if (existsSync(binary)) return binary;
  if (!['apt-get', 'dpkg-deb', 'dpkg-query'].every(findOnPath)) return undefined;

  process.stderr.write(`${name} is not on PATH: unpacking Debian's package into the project's cache…\n`);
  mkdirSync(cacheFolder, { recursive: true });
  const unfinished = mkdtempSync(join(cacheFolder, `${name}-`));
  try {
    const complete = join(unfinished, 'complete');
    mkdirSync(complete);
    await unpackPackages(program, join(complete, 'root'), unfinished);
    writeFileSync(join(complete, name), launcher(complete, name), { mode: 0o755 });
    await run(join(complete, name), ['--version']);
    // Another process may have unpacked it in the meantime; that copy is equivalent.
    if (!existsSync(place)) renameSync(complete, place);
    return binary;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new LocalError(
      `${name} is missing, and Debian's package could not be unpacked: ${pickReason(stderr || message)}`,
    );
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

async function unpackPackages(
  { packages, needsLibraries }: DebianProgram,
  root: string,
  folder: string,
): Promise<void> {
  const { stdout } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n']);
  const installed = new Set(stdout.split('\n').flatMap((line) => /^(\S+) installed$/.exec(line)?.[1] ?? []));
  const downloader = await createDownloader(folder);
  const unpacked = new Set<string>();
  let wanted = packages;
  while (wanted.length > 0) {
    const dependencies = await Promise.all((await downloader(wanted)).map((file) => unpack(file, root)));
    for (const name of wanted) unpacked.add(name);
    const isMissing = (name: string) => name.startsWith('lib') && !installed.has(name) && !unpacked.has(name);
    wanted = needsLibraries ? [...new Set(dependencies.flat())].filter(isMissing) : [];
  }
}

/** If the system's package lists are missing or old, separate lists are fetched, which needs no root either. */
async function createDownloader(workFolder: string): Promise<(packages: string[]) => Promise<string[]>> {
  let options = ['-o', 'APT::Sandbox::User=root'];
  let count = 0;
  const download = async (packages: string[]) => {
    const folder = join(workFolder, `packages-${count++}`);
    mkdirSync(folder);
    await run('apt-get', [...options, 'download', ...packages], folder);
    return readdirSync(folder).map((file) => join(folder, file));
  };
  return async (packages) => {
    try {
      return await download(packages);
    } catch {
      options = [...options, ...(await fetchLists(options, workFolder))];
      return download(packages);
    }
  };
}

async function fetchLists(options: string[], workFolder: string): Promise<string[]> {
  const own = {
    'Dir::State': join(workFolder, 'state'),
    'Dir::State::lists': join(workFolder, 'state', 'lists'),
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': join(workFolder, 'cache'),
    'Debug::NoLocking': '1',
    'Acquire::Languages': 'none',
  };
  for (const path of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(workFolder, path), { recursive: true });
  }
  const ownOptions = Object.entries(own).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run('apt-get', [...options, ...ownOptions, 'update']);
  return ownOptions;
}

/** Returns the names of the packages that this one depends on; of alternatives, only the first. */
async function unpack(file: string, root: string): Promise<string[]> {
  await run('dpkg-deb', ['-x', file, root]);
  const { stdout } = await run('dpkg-deb', ['-f', file, 'Depends']);
  return stdout.split(',').flatMap((dependency) => /^\s*([a-z0-9][a-z0-9.+-]*)/.exec(dependency)?.[1] ?? []);
}

/** The text of a start script, so that callers need one path and no environment; it works from any folder. */
function launcher(folder: string, name: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const libraryFolders = files.filter((file) => /\.so(\.|$)/.test(file)).map((file) => `$here/${dirname(file)}`);
  const program = files.find((file) => file.endsWith(`/bin/${name}`));
  if (program === undefined) throw new LocalError(`the package holds no ${name}`);
  return [
    '#!/bin/sh',
    'here="${0%/*}"',
    `export LD_LIBRARY_PATH="${[...new Set(libraryFolders)].join(':')}"`,
    `exec "$here/${program}" "$@"`,
    '',
  ].join('\n');
}

/** Runs a command in the C locale, because its output is parsed. */
function run(command: string, args: string[], cwd = '/'): Promise<{ stdout: string }> {
  return promisify(execFile)(command, args, { cwd, env: { ...process.env, LC_ALL: 'C' } });
}
