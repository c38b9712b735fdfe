import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { channels, inPool, keys, QUEUE_PREFIX, queueName } from './keys.ts';
import { channelRightsIn, keyRightsIn, type Service } from './redis-rights.ts';
import { describeRedisUsers, toUsersFile } from './redis-users.ts';

/** A pattern of the table has its star at the end, or has none. */
const matches = (pattern: string, name: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

type Builders = Record<string, string | ((...parts: string[]) => string)>;

const services = ['edge', 'data-plane', 'control-plane'];

/** The names that the code builds for each queue of a pool. */
function namesOf(builders: Builders, pool: string | undefined): string[] {
  const ofPool = { lock: ['x', pool], rate: ['x', pool], secretChanges: [pool], secretUses: [pool] };
  const names = Object.entries(builders).flatMap(([name, builder]) => {
    if (typeof builder === 'string') return [builder];
    const partsOf: (string | undefined)[][] = Object.hasOwn(ofPool, name)
      ? [ofPool[name as keyof typeof ofPool]]
      : name === 'processes'
        ? services.map((service) => [service, service === 'data-plane' ? pool : undefined])
        : ['calls', 'commands'].map((queue) => [inPool(queue, pool), 'x']);
    return partsOf.map((parts) => builder(...(parts as string[])));
  });
  return [...new Set(names)];
}

const queueKeysOf = (pool: string | undefined) =>
  ['calls', 'commands'].flatMap((queue) =>
    ['', 'meta', 'wait', 'an-id', 'an-id:lock'].map(
      (part) => `${QUEUE_PREFIX}:${queueName(inPool(queue, pool))}:${part}`,
    ),
  );

describe.each([[undefined], ['eu']])('of the pool %s', (pool) => {
  const everyKey = [...namesOf(keys, pool), ...queueKeysOf(pool)];
  const everyChannel = namesOf(channels, pool);

  test('every key and every channel has one row of rights', () => {
    for (const key of everyKey) {
      expect([key, keyRightsIn(pool).filter((rights) => matches(rights.keys, key)).length]).toEqual([key, 1]);
    }
    for (const name of everyChannel) {
      expect([name, channelRightsIn(pool).filter(({ channel }) => matches(channel, name)).length]).toEqual([name, 1]);
    }
  });

  test('every row of rights is for an existing key or channel', () => {
    expect(keyRightsIn(pool).filter((rights) => !everyKey.some((key) => matches(rights.keys, key)))).toEqual([]);
    expect(channelRightsIn(pool).filter(({ channel }) => !everyChannel.some((name) => matches(channel, name)))).toEqual(
      [],
    );
  });
});

test('the data planes of a pool, also the default pool, have no right to what belongs to another pool (T33)', () => {
  const allPatternsOf = (pool: string | undefined) => [
    ...keyRightsIn(pool).map((row) => row.keys),
    ...channelRightsIn(pool).map((row) => row.channel),
  ];
  const sharedByAll = new Set(allPatternsOf('other'));
  /** What exists for this pool alone. */
  const ofPool = (pool: string | undefined) => {
    const patterns = allPatternsOf(pool).filter((pattern) => !sharedByAll.has(pattern));
    const names = [...namesOf(keys, pool), ...namesOf(channels, pool), ...queueKeysOf(pool)];
    return names.filter((name) => patterns.some((pattern) => matches(pattern, name)));
  };
  const patternsOf = (pool: string | undefined) => [
    ...keyRightsIn(pool).flatMap((row) => ([...row.reads, ...row.writes].includes('data-plane') ? [row.keys] : [])),
    ...channelRightsIn(pool).flatMap((row) =>
      [...row.publishes, ...row.subscribes].includes('data-plane') ? [row.channel] : [],
    ),
  ];
  // One of these names is a prefix of another.
  const pools = [undefined, 'eu', 'eu-2'];
  for (const own of pools) {
    expect(ofPool(own).length).toBeGreaterThan(20);
    for (const other of pools.filter((pool) => pool !== own)) {
      const opened = ofPool(other).filter((name) => patternsOf(own).some((pattern) => matches(pattern, name)));
      expect([own, other, opened]).toEqual([own, other, []]);
    }
  }
});

function allowedTo(service: Service): Set<string> {
  const line = describeRedisUsers(() => '').find((candidate) => candidate.includes(`-${service} `)) ?? '';
  return new Set(line.split(/[ ()]+/));
}

test.each<[Service, RegExp]>([
  ['edge', /^(addStandardJob|removeJob)-/],
  ['control-plane', /^(addStandardJob|removeJob)-/],
  ['data-plane', /^(moveToActive|moveToFinished|extendLocks?|moveStalledJobsToWait)-/],
])("%s may do all that BullMQ's scripts for it can do, also on paths that no test takes", (service, scripts) => {
  const folder = join(dirname(createRequire(import.meta.url).resolve('bullmq')), 'scripts');
  const texts = readdirSync(folder)
    .filter((file) => scripts.test(file) && file.endsWith('.js'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
  // A command in a variable was quoted where the variable was set.
  const found = texts.flatMap((text) => [
    ...text.matchAll(/call\(\s*["'](\w+)["']/g),
    ...text.matchAll(/["']([LR]PUSH)["']/g),
  ]);
  const named = new Set(found.map(([, command = '']) => `+${command.toLowerCase()}`));
  expect(named.size).toBeGreaterThan(20);
  expect([...named].filter((command) => !allowedTo(service).has(command))).toEqual([]);
});

const [edge, dataPlane, controlPlane] = ['edge', 'data-plane', 'control-plane'] as const;

test.each<[string, Service[]]>([
  ['call-slots.ts', [edge]],
  ['calls/admission.ts', [edge, controlPlane]],
  ['calls/sent-calls.ts', [edge, controlPlane]],
  ['calls/reply-receiver.ts', [edge, controlPlane]],
  ['calls/fence.ts', [edge, controlPlane, dataPlane]],
  ['calls/reply-sender.ts', [dataPlane]],
  ['edge-store/edge-store.ts', [edge]],
  ['edge-store/records.ts', [edge]],
  ['edge-store/session-messages.ts', [edge]],
  ['edge-store/session-states.ts', [edge]],
  ['edge-store/streams.ts', [edge]],
  ['calls/queue-depth.ts', [edge, controlPlane]],
  ['fleet/fleet-reader.ts', [controlPlane]],
  ['fleet/heartbeat.ts', [edge, dataPlane, controlPlane]],
  ['locks.ts', [edge, dataPlane, controlPlane]],
  ['publication/publisher.ts', [controlPlane]],
  ['publication/snapshot.ts', [edge, dataPlane]],
  ['queue-epoch.ts', [edge, dataPlane, controlPlane]],
  ['rate-limits.ts', [dataPlane, edge]],
  ['secret-changes.ts', [dataPlane]],
  ['notes/note-writer.ts', [edge]],
  ['notes/note-reader.ts', [controlPlane]],
])('every service that uses %s may send the commands in it', (file, services) => {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  const notCommands = /^(call|pcall|on|once|disconnect|status|stream)$/;
  const found = [...text.matchAll(/redis\.p?call\('([A-Z]+)'/g), ...text.matchAll(/\bredis\.([a-z]+)\(/g)];
  const named = found.map(([, command = '']) => command.toLowerCase()).filter((command) => !notCommands.test(command));
  expect(named).not.toEqual([]);
  for (const service of services) {
    const refused = named.filter((command) => !allowedTo(service).has(`+${command}`));
    expect([service, refused]).toEqual([service, []]);
  }
});

test('infra/redis/users.acl is current (node infra/local/run.mjs redis-users > infra/redis/users.acl)', () => {
  const file = join(import.meta.dirname, '../../../infra/redis/users.acl');
  expect(readFileSync(file, 'utf8')).toBe(toUsersFile());
});
