import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getFreePort } from '@toolplane/loopback/ports';
import { Redis } from 'ioredis';
import { startChild, waitUntilReady } from '../child.ts';
import { answersPing, type RunningRedis, startRedis } from '../redis.ts';

/*
 * What a stolen password of one service allows in Redis. Each row is one command, and each kind of command is also
 * among the allowed ones, so that nothing is refused for another reason.
 */

const folder = mkdtempSync(join(tmpdir(), 'toolplane-users-'));
let server: RunningRedis;
type User = 'edge' | 'data-plane' | 'control-plane';
type Action = [user: User, what: string, command: string];

beforeAll(async () => {
  const binary = process.env['REDIS_SERVER_BIN'] ?? '';
  server = await startRedis({ binary, logFile: join(folder, 'redis.log') });
});
afterAll(async () => {
  await server.child.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The words of a command; quoted text is one word. */
const wordsOf = (command: string) =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, text, word]) => text ?? word ?? '');

async function send(user: User, command: string): Promise<string> {
  const [name = '', ...words] = wordsOf(command);
  // A separate connection, because a connection that has subscribed cannot run other commands.
  const connection = new Redis(server.urls[user], { disconnectTimeout: 100 });
  try {
    await connection.call(name, ...words);
    return 'done';
  } catch (error) {
    return (error as Error).message;
  } finally {
    connection.disconnect();
  }
}

const allowed: Action[] = [
  ['edge', 'puts a call into the queue', 'HSET tp:queue:calls-2:a data x'],
  ['edge', 'holds a lease', 'ZADD tp:leases:calls:ws_1 1 a'],
  ['edge', 'gives a call up', 'SET tp:fence:calls:a cancelled NX GET PX 60000'],
  ['edge', 'reads the reply of a call', 'GET tp:reply:calls:a'],
  ['edge', 'reads a manifest and a catalogue', 'MGET tp:manifest:srv_1 tp:catalogue:ws_1 tp:publication'],
  ['edge', 'hears its replies', 'SUBSCRIBE tp:replies:calls:a'],
  ['edge', 'cancels a call', 'PUBLISH tp:cancel:calls a'],
  ['edge', 'runs a script over its own keys', `EVAL "return redis.call('GET', KEYS[1])" 1 tp:session:a`],
  ['data-plane', 'fetches a job', 'ZPOPMIN tp:queue:calls-2:marker'],
  ['data-plane', 'answers a call', 'SET tp:reply:calls:a x NX PX 1000'],
  ['data-plane', 'tells the caller', 'PUBLISH tp:replies:calls:a x'],
  ['data-plane', 'gives back the lease of a caller that died', 'ZREM tp:leases:calls:ws_1 a'],
  ['data-plane', 'reads a plan and egress rules', 'MGET tp:plan:a tp:egress:ws_1 tp:publication'],
  ['data-plane', 'notes the use of a secret', 'HSET tp:secret-uses a x'],
  ['data-plane', 'hears what changed', 'SUBSCRIBE tp:changes'],
  ['control-plane', 'publishes', 'MSET tp:plan:a x tp:manifest:a x tp:api-key:a x tp:catalogue:a x tp:egress:a x'],
  ['control-plane', 'says that it did', 'PUBLISH tp:changes "manifest a"'],
  ['control-plane', 'puts a command into the queue', 'HSET tp:queue:commands-2:a data x'],
  ['control-plane', 'reads the reply of a command', 'GET tp:reply:commands:a'],
  ['control-plane', 'takes over the uses of secrets', 'HSCAN tp:secret-uses 0'],
  ['control-plane', 'notes which plans there are', 'SADD tp:plans a'],
  ['control-plane', 'reads which plans are named', 'MGET tp:manifest:srv_1 tp:manifest:srv_2'],
  ['control-plane', 'looks whether a plan is there', 'EXISTS tp:plan:a'],
  ['control-plane', 'gives a plan an end', 'PEXPIRE tp:plan:a 1000 NX'],
  ['control-plane', 'takes the end of a plan back', 'PERSIST tp:plan:a'],
];

const forbidden: Action[] = [
  ['edge', 'writes a reply', 'SET tp:reply:calls:a x'],
  ['edge', 'deletes a reply', 'DEL tp:reply:calls:a'],
  ['edge', 'writes a manifest', 'SET tp:manifest:srv_1 x'],
  ['edge', 'writes an API key', 'SET tp:api-key:a x'],
  ['edge', 'adds a server to a catalogue', 'SET tp:catalogue:ws_1 x'],
  ['edge', 'leads a slug to another server', 'SET tp:slug:ws_1:a srv_2'],
  ['edge', 'says that everything was published', 'SET tp:publication x'],
  ['edge', 'reads a plan', 'GET tp:plan:a'],
  ['edge', 'writes a plan', 'SET tp:plan:a x'],
  ['edge', 'reads egress rules', 'GET tp:egress:ws_1'],
  ['edge', 'deletes egress rules', 'DEL tp:egress:ws_1'],
  ['edge', 'puts a command into the queue', 'HSET tp:queue:commands-2:a data x'],
  ['edge', 'takes the fence of a command', 'SET tp:fence:commands:a cancelled'],
  ['edge', 'reads the reply of a command', 'GET tp:reply:commands:a'],
  ['edge', 'hears the replies of commands', 'SUBSCRIBE tp:replies:commands:a'],
  ['edge', 'stops commands', 'PUBLISH tp:cancel:commands a'],
  ['edge', 'says that something was published', 'PUBLISH tp:changes "manifest a"'],
  ['edge', 'hears which secrets change', 'SUBSCRIBE tp:secret-changes'],
  ['edge', 'hears everything', 'PSUBSCRIBE *'],
  ['edge', 'resets a rate limit', 'DEL tp:rate:a'],
  ['edge', 'takes the lock of a credential', 'SET tp:lock:a x'],
  ['data-plane', 'reads which calls a tenant has', 'ZRANGE tp:leases:calls:ws_1 0 -1'],
  ['data-plane', 'reads a manifest', 'GET tp:manifest:srv_1'],
  ['data-plane', 'writes a manifest', 'SET tp:manifest:srv_1 x'],
  ['data-plane', 'writes a plan', 'SET tp:plan:a x'],
  ['data-plane', 'opens the egress of a workspace', 'SET tp:egress:ws_1 x'],
  ['data-plane', 'reads an API key', 'GET tp:api-key:a'],
  ['data-plane', 'reads a catalogue', 'GET tp:catalogue:ws_1'],
  ['data-plane', 'reads a session', 'GET tp:session:a'],
  ['data-plane', 'brings a used request state back', 'DEL tp:once:a'],
  ['data-plane', 'reads a task', 'GET tp:record:tasks:a'],
  ['data-plane', 'reads the event log of a client', 'HGETALL tp:stream:a'],
  ['data-plane', 'reads which secrets were used', 'HGETALL tp:secret-uses'],
  ['data-plane', 'hears the replies of a caller', 'SUBSCRIBE tp:replies:calls:a'],
  ['data-plane', 'says that something was published', 'PUBLISH tp:changes "manifest a"'],
  ['data-plane', 'stops a call', 'PUBLISH tp:cancel:calls a'],
  ['control-plane', 'reads a call', 'HGETALL tp:queue:calls-2:a'],
  ['control-plane', 'puts a call into the queue', 'HSET tp:queue:calls-2:a data x'],
  ['control-plane', 'reads the reply of a call', 'GET tp:reply:calls:a'],
  ['control-plane', 'writes the reply of a command', 'SET tp:reply:commands:a x'],
  ['control-plane', 'gives up a call', 'SET tp:fence:calls:a cancelled'],
  ['control-plane', 'holds leases of calls', 'ZADD tp:leases:calls 1 a'],
  ['control-plane', 'reads a plan', 'GET tp:plan:a'],
  ['control-plane', 'reads a session', 'GET tp:session:a'],
  ['control-plane', 'hears the replies of calls', 'SUBSCRIBE tp:replies:calls:a'],
  ['control-plane', 'says that a secret changed', 'PUBLISH tp:secret-changes x'],
];

const dangerous = [
  'KEYS *',
  'SCAN 0',
  'RANDOMKEY',
  'DBSIZE',
  'FLUSHALL',
  'FLUSHDB',
  'SWAPDB 0 1',
  'CONFIG GET requirepass',
  'CONFIG SET save ""',
  'MONITOR',
  'SCRIPT FLUSH',
  'FUNCTION FLUSH',
  'SHUTDOWN NOSAVE',
  'ACL LIST',
  'ACL SETUSER toolplane-edge on nopass ~* +@all',
  'CLIENT LIST',
  'CLIENT KILL TYPE normal',
  'MODULE LIST',
  'REPLICAOF 127.0.0.1 1',
  'MIGRATE 127.0.0.1 1 tp:publication 0 1',
  'RENAME tp:publication other',
  'DUMP tp:publication',
  'SORT tp:publication',
  'PUBSUB CHANNELS',
  'SAVE',
];

test.each(allowed)('%s %s', async (user, _what, command) => {
  expect(await send(user, command)).toBe('done');
});

test.each(forbidden)('NOPERM when %s %s (T33)', async (user, _what, command) => {
  expect(await send(user, command)).toContain('NOPERM');
});

describe.each<User>(['edge', 'data-plane', 'control-plane'])('NOPERM for %s (T33)', (user) => {
  test.each(dangerous)('%s', async (command) => {
    expect(await send(user, command)).toContain('NOPERM');
  });
});

test('a script has no more rights than its user (T33)', async () => {
  const refusal = "The user executing the script can't";
  expect(await send('edge', `EVAL "return redis.call('SET', 'tp:reply:calls:a', 'x')" 0`)).toContain(refusal);
  expect(await send('data-plane', `EVAL "return redis.call('PUBLISH', 'tp:changes', 'x')" 0`)).toContain(refusal);
  expect(await send('control-plane', `EVAL "return redis.call('KEYS', '*')" 0`)).toContain(refusal);
});

test('DEBUG is refused to everybody, before Redis checks the user (T33)', async () => {
  for (const user of ['edge', 'data-plane', 'control-plane'] as const) {
    expect(await send(user, 'DEBUG SLEEP 0')).toContain('DEBUG command not allowed');
  }
});

test('nobody can connect without a named user (T33)', async () => {
  const anonymous = new Redis(server.urls.edge.replace(/\/\/.*@/, '//'), {
    retryStrategy: null,
    lazyConnect: true,
    disconnectTimeout: 100,
  });
  anonymous.on('error', () => undefined);
  await anonymous.connect().catch(() => undefined);
  await expect(anonymous.get('tp:publication')).rejects.toThrow(/NOAUTH|Connection is closed/);
  anonymous.disconnect();
});

describe('infra/redis/users.acl', () => {
  const template = readFileSync(join(import.meta.dirname, '../../redis/users.acl'), 'utf8');
  const sumOf = (text: string) => createHash('sha256').update(text).digest('hex');

  /** The setting of Redis before version 7. */
  const openChannels = ['--acl-pubsub-default', 'allchannels'];

  async function startWith(name: string, text: string) {
    const file = join(folder, `${name}.acl`);
    writeFileSync(file, text);
    const port = await getFreePort();
    const child = await startChild({
      name: 'Redis',
      command: process.env['REDIS_SERVER_BIN'] ?? '',
      args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--aclfile', file, ...openChannels],
      env: { PATH: process.env['PATH'] },
      logFile: join(folder, `${name}.log`),
    });
    return {
      child,
      urlOf: (user: string, password: string) => `redis://toolplane-${user}:${password}@127.0.0.1:${port}`,
    };
  }

  test('is refused by Redis as long as a password is missing', async () => {
    const { child } = await startWith('unfilled', template);
    expect(await child.ended).toBe('exit code 1');
  });

  test('admits each service by its password, even if channels are open by default; passwords can overlap', async () => {
    const filled = template.replaceAll(/\$\{(\w+)_PASSWORD_SHA256\}/g, (_text, user: string) => sumOf(`of ${user}`));
    const { child, urlOf } = await startWith('filled', filled);
    try {
      await waitUntilReady(child, () => answersPing(urlOf('edge', 'of%20EDGE')));
      for (const user of ['data-plane', 'control-plane', 'admin']) {
        expect(await answersPing(urlOf(user, `of%20${user.toUpperCase().replace('-', '_')}`))).toBe(true);
      }
      const admin = new Redis(urlOf('admin', 'of%20ADMIN'), { disconnectTimeout: 100 });
      const change = async (rule: string) => {
        await admin.call('ACL', 'SETUSER', 'toolplane-edge', rule);
        await admin.call('ACL', 'SAVE');
        await admin.call('ACL', 'LOAD').catch(() => undefined);
        return Promise.all(['of%20EDGE', 'new'].map((password) => answersPing(urlOf('edge', password))));
      };
      expect(await change(`#${sumOf('new')}`)).toEqual([true, true]);
      expect(await change(`!${sumOf('of EDGE')}`)).toEqual([false, true]);
      admin.disconnect();
    } finally {
      await child.stop();
    }
  });
});
