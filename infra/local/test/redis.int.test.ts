import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { answersPing, createRedisPasswords, findRedisServer, startRedis } from '../redis.ts';

const home = mkdtempSync(join(tmpdir(), 'toolplane-redis-'));
const path = process.env['PATH'];

afterEach(() => {
  process.env['PATH'] = path;
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('the local Redis requires a user with a password, evicts nothing and writes nothing to disk', async () => {
  const binary = process.env['REDIS_SERVER_BIN'] ?? '';
  const { urls, child } = await startRedis({ binary, logFile: join(home, 'redis.log') });
  const redis = new Redis(urls.admin);
  try {
    const settings = await Promise.all(
      ['maxmemory-policy', 'save', 'appendonly', 'bind'].map((name) => redis.config('GET', name)),
    );
    const expected = [
      ['maxmemory-policy', 'noeviction'],
      ['save', ''],
      ['appendonly', 'no'],
      ['bind', '127.0.0.1'],
    ];
    expect(settings.flat()).toEqual(expected.flat());
    for (const url of Object.values(urls)) {
      expect(await answersPing(url)).toBe(true);
      expect(await answersPing(url.replace(/:[^:@]*@/, ':another@'))).toBe(false);
    }
    for (const nobody of ['', 'default:@', 'default:any@', ':any@']) {
      expect(await answersPing(urls.edge.replace(/\/\/.*@/, `//${nobody}`))).toBe(false);
    }
  } finally {
    redis.disconnect();
    await child.stop();
  }
  expect(await child.ended).toBe('exit code 0');
});

test('with a data folder it keeps its data across a restart, however it was written', async () => {
  const binary = process.env['REDIS_SERVER_BIN'] ?? '';
  const places = { logFile: join(home, 'redis.log'), dataFolder: join(home, 'data') };
  const options = { binary, ...places, passwords: createRedisPasswords() };
  const write = await startRedis(options);
  const writer = new Redis(write.urls.admin);
  await writer.set('kept', 'yes');
  await writer.eval("redis.call('SET', 'by-script', 'yes'); redis.call('RPUSH', 'list', 'a', 'b')", 0);
  await writer.multi().set('by-transaction', 'yes').lpop('list').exec();
  await writer.quit();
  await write.child.stop();
  const read = await startRedis(options);
  const reader = new Redis(read.urls.admin);
  expect(await reader.mget('kept', 'by-script', 'by-transaction')).toEqual(['yes', 'yes', 'yes']);
  expect(await reader.lrange('list', 0, -1)).toEqual(['b']);
  expect(readFileSync(places.logFile, 'utf8')).not.toContain('CRITICAL');
  await reader.quit();
  await read.child.stop();
});

describe('where PATH has no Redis', () => {
  test('Debian packages are unpacked with missing libraries, from fresh package lists if needed', async () => {
    process.env['PATH'] = fakeDebian();
    const cache = join(home, 'cache');
    const binary = await findRedisServer(cache);
    expect(binary).toBe(join(cache, 'redis-server', 'redis-server'));
    expect(await findRedisServer(cache)).toBe(binary);
  });

  test('and no apt, a one-line error says what to do', async () => {
    process.env['PATH'] = join(home, 'empty');
    await expect(findRedisServer(join(home, 'other'))).rejects.toThrow(/brew install redis.*docker run.*REDIS_URL/);
  });
});

/** Simulates a system without package lists and without libfake1, which its redis-tools needs. Returns the PATH. */
function fakeDebian(): string {
  const folder = join(home, 'debian');
  mkdirSync(folder);
  const programs = {
    'apt-get': `
      case "$*" in *Dir::State::lists=*) ;; *) echo 'E: no package lists' >&2; exit 100 ;; esac
      for name in "$@"; do case "$name" in redis-server | redis-tools | libfake1) : > "$name.deb" ;; esac; done`,
    'dpkg-query': "echo 'libc6 installed'",
    'dpkg-deb': `
      case "$1 $2" in
        '-f '*redis-server.deb) echo 'redis-tools (= 7)' ;;
        '-f '*redis-tools.deb) echo 'adduser, libc6 (>= 2.34), libfake1 (>= 1) | libother' ;;
        '-x '*redis-tools.deb)
          /bin/mkdir -p "$3/usr/bin"
          echo '#!/bin/sh' > "$3/usr/bin/redis-server"
          echo '[ -e "$LD_LIBRARY_PATH/libfake.so.1" ]' >> "$3/usr/bin/redis-server"
          /bin/chmod +x "$3/usr/bin/redis-server" ;;
        '-x '*libfake1.deb) /bin/mkdir -p "$3/usr/lib" && : > "$3/usr/lib/libfake.so.1" ;;
      esac`,
  };
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
  return folder;
}
