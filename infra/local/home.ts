import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { apiKeyBytes, formatApiKey } from '@toolplane/contracts';
import { getFreePort, isPortFree } from '@toolplane/loopback/ports';
import { generateIssuerKeys, generateSigningKeys } from '@toolplane/sealing';
import { LocalError } from './local-error.ts';
import { findCommand, stopProcess } from './processes.ts';
import { createRedisPasswords, type RedisPasswords } from './redis.ts';

/*
 * The folder that holds everything of local mode: data, keys, secrets, logs, and which processes use it. A second start
 * finds the same keys and, if they are free, the same ports.
 */

/** The ports, in the order in which they are counted from PORT_BASE. */
const portNames = [
  'api',
  'mcp',
  'sample',
  'control-plane health',
  'edge health',
  'data-plane health',
  'postgres',
  'redis',
] as const;
export type Ports = Record<(typeof portNames)[number], number>;

export type Keys = {
  callKeys: string;
  sessionKeys: string;
  commandKeys: string;
  signingKey: string;
  issuerKeys: string;
  verifyKeys: string;
  apiKeyPepper: string;
  secretsKey: string;
  /** The key that people use. `npm start` replaces it if it is revoked. */
  apiKey: string;
  /** The key of `npm start` itself, which no list shows and nobody can revoke. */
  internalKey: string;
  sampleKey: string;
  redisPasswords: RedisPasswords;
};

export type Home = {
  folder: string;
  keys: Keys;
  ports: Ports;
  /** Stores another key for people. */
  replaceApiKey(apiKey: string): void;
  /** Records a started process, so that the next start can end it if this one is killed. */
  recordProcess(pid: number): void;
  close(): void;
};

/**
 * Opens the folder for one process. With `portBase`, the ports are exactly the consecutive ones from there. Otherwise,
 * they are those of the last start, those from `preferredBase`, or any free ones.
 */
export async function openHome(folder: string, portBase: number | undefined, preferredBase?: number): Promise<Home> {
  const lock = await lockHome(folder).catch((error) => {
    if (error instanceof LocalError) throw error;
    throw new LocalError(`the folder ${folder} cannot be used (${error.message}); set TOOLPLANE_HOME to another`);
  });
  try {
    refuseNewerFolder(folder);
    const keysFile = join(folder, 'keys.json');
    const keys = await readKeys(keysFile);
    const ports =
      portBase === undefined
        ? await choosePorts(join(folder, 'ports.json'), preferredBase)
        : await countPorts(portBase);
    return {
      folder,
      keys,
      ports,
      replaceApiKey(apiKey) {
        keys.apiKey = apiKey;
        writeKeys(keysFile, keys);
      },
      ...lock,
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

type RunningProcess = { pid: number; command: string | undefined };

async function lockHome(folder: string): Promise<Pick<Home, 'recordProcess' | 'close'>> {
  makeFolder(folder);
  const file = join(folder, 'running.json');
  if (existsSync(file)) {
    const [starter, ...children] = JSON.parse(readFileSync(file, 'utf8')) as RunningProcess[];
    if (starter !== undefined && isRunning(starter)) {
      throw new LocalError(
        `${folder} is in use by process ${starter.pid}; stop it, or set TOOLPLANE_HOME to another folder`,
      );
    }
    for (const child of children.reverse().filter(isRunning)) await stopProcess(child.pid, 'SIGINT');
    rmSync(file);
  }
  const running: RunningProcess[] = [{ pid: process.pid, command: findCommand(process.pid) }];
  writeFileSync(file, JSON.stringify(running), { flag: 'wx' });
  rmSync(join(folder, 'logs'), { recursive: true, force: true });
  for (const name of ['logs', 'secrets']) makeFolder(join(folder, name), 0o700);
  return {
    recordProcess(pid) {
      running.push({ pid, command: findCommand(pid) });
      writeFileSync(`${file}.new`, JSON.stringify(running));
      renameSync(`${file}.new`, file);
    },
    close: () => rmSync(file, { force: true }),
  };
}

/**
 * Creates parent folders without Node's `recursive` option, which never returns where folders cannot be created, as
 * under /proc.
 */
function makeFolder(path: string, mode = 0o777): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode });
}

function isRunning({ pid, command }: RunningProcess): boolean {
  return command !== undefined && findCommand(pid) === command;
}

async function readKeys(file: string): Promise<Keys> {
  const stored = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  // The folder of an earlier release lacks the keys that were introduced since.
  const keys = { ...(await generateKeys()), ...stored };
  if (Object.keys(stored).length < Object.keys(keys).length) {
    writeKeys(file, keys);
  }
  return keys;
}

/** Replaces the file as a whole, so that a full disk or a killed process cannot leave half of the keys. */
function writeKeys(file: string, keys: Keys): void {
  writeFileSync(`${file}.new`, JSON.stringify(keys, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The version of the folder's layout. A folder of a newer release may hold data that this one would misread. */
const LAYOUT = 1;

function refuseNewerFolder(folder: string): void {
  const file = join(folder, 'layout.json');
  const { layout } = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { layout: number })
    : { layout: LAYOUT };
  if (layout > LAYOUT) {
    throw new LocalError(
      `${folder} was written by a newer release of Toolplane; update this clone, or set TOOLPLANE_HOME to another folder`,
    );
  }
  if (!existsSync(file)) writeFileSync(file, JSON.stringify({ layout: LAYOUT }));
}

export async function generateKeys(): Promise<Keys> {
  const { privateJwk, publicJwks } = await generateSigningKeys();
  return {
    callKeys: `local:${randomBytes(32).toString('base64')}`,
    sessionKeys: `local:${randomBytes(32).toString('base64')}`,
    commandKeys: `local:${randomBytes(32).toString('base64')}`,
    signingKey: privateJwk,
    issuerKeys: await generateIssuerKeys(),
    verifyKeys: publicJwks,
    apiKeyPepper: randomBytes(32).toString('base64'),
    secretsKey: randomBytes(32).toString('base64'),
    apiKey: randomApiKey(),
    internalKey: randomApiKey(),
    sampleKey: randomBytes(24).toString('base64url'),
    redisPasswords: createRedisPasswords(),
  };
}

function randomApiKey(): string {
  return formatApiKey({ keyId: randomBytes(apiKeyBytes.keyId), secret: randomBytes(apiKeyBytes.secret) }).key;
}

async function countPorts(base: number): Promise<Ports> {
  const entries = portNames.map((name, index) => [name, base + index] as const);
  for (const [name, port] of entries) {
    if (!(await isPortFree(port))) {
      throw new LocalError(
        `port ${port} (${name}) is taken; set PORT_BASE to the first of ${portNames.length} free ports`,
      );
    }
  }
  return Object.fromEntries(entries) as Ports;
}

async function choosePorts(file: string, preferredBase: number | undefined): Promise<Ports> {
  const earlier: Partial<Ports> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const chosen: Partial<Ports> = {};
  for (const [index, name] of portNames.entries()) {
    const port = earlier[name] ?? (preferredBase === undefined ? undefined : preferredBase + index);
    chosen[name] = port !== undefined && (await isPortFree(port)) ? port : await getFreePort();
  }
  writeFileSync(file, JSON.stringify(chosen, null, 2));
  return chosen as Ports;
}
