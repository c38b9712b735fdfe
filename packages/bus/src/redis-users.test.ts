import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { channels, keys, QUEUE_PREFIX, queueName } from './keys.ts';
import { channelRights, keyRights, type Service } from './redis-rights.ts';
import { describeRedisUsers, toUsersFile } from './redis-users.ts';

/** A pattern of the table has its star at the end, or none. */
const matches = (pattern: string, name: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** As code builds it, of each queue. */
function namesOf(builders: Record<string, string | ((...parts: string[]) => string)>, queue: string): string[] {
  return Object.values(builders).map((builder) => (typeof builder === 'string' ? builder : builder(queue, 'x')));
}

test.each(['calls', 'commands'])('every key and every channel of %s has one row of rights', (queue) => {
  const queueKeys = ['', 'meta', 'wait', 'an-id', 'an-id:lock'].map(
    (part) => `${QUEUE_PREFIX}:${queueName(queue)}:${part}`,
  );
  for (const key of [...namesOf(keys, queue), ...queueKeys]) {
    expect([key, keyRights.filter((rights) => matches(rights.keys, key)).length]).toEqual([key, 1]);
  }
  for (const name of namesOf(channels, queue)) {
    expect([name, channelRights.filter(({ channel }) => matches(channel, name)).length]).toEqual([name, 1]);
  }
});

test('no row of rights is without a key or channel that it is for', () => {
  const everyKey = ['calls', 'commands'].flatMap((queue) => [
    ...namesOf(keys, queue),
    `${QUEUE_PREFIX}:${queueName(queue)}:meta`,
  ]);
  expect(keyRights.filter((rights) => !everyKey.some((key) => matches(rights.keys, key)))).toEqual([]);
  const everyChannel = ['calls', 'commands'].flatMap((queue) => namesOf(channels, queue));
  expect(channelRights.filter(({ channel }) => !everyChannel.some((name) => matches(channel, name)))).toEqual([]);
});

function allowedTo(service: Service): Set<string> {
  const line = describeRedisUsers(() => '').find((candidate) => candidate.includes(`-${service} `)) ?? '';
  return new Set(line.split(/[ ()]+/));
}

test.each<[Service, RegExp]>([
  ['edge', /^(addStandardJob|removeJob)-/],
  ['control-plane', /^(addStandardJob|removeJob)-/],
  ['data-plane', /^(moveToActive|moveToFinished|extendLocks?|moveStalledJobsToWait)-/],
])("%s may do all that BullMQ's scripts for it can do, also on ways that no test takes", (service, scripts) => {
  const folder = join(dirname(createRequire(import.meta.url).resolve('bullmq')), 'scripts');
  const texts = readdirSync(folder)
    .filter((file) => scripts.test(file) && file.endsWith('.js'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
  // A command that stands in a variable was quoted where the variable was set.
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
  ['call-places.ts', [edge]],
  ['calls/admission.ts', [edge, controlPlane]],
  ['calls/sent-calls.ts', [edge, controlPlane]],
  ['calls/reply-receiver.ts', [edge, controlPlane]],
  ['calls/fence.ts', [edge, controlPlane, dataPlane]],
  ['calls/reply-sender.ts', [dataPlane]],
  ['edge-store/deliveries.ts', [edge]],
  ['edge-store/nonces.ts', [edge]],
  ['edge-store/records.ts', [edge]],
  ['edge-store/session-events.ts', [edge]],
  ['edge-store/session-states.ts', [edge]],
  ['edge-store/streams.ts', [edge]],
  ['locks.ts', [dataPlane, controlPlane]],
  ['publication/publisher.ts', [controlPlane]],
  ['publication/snapshot.ts', [edge, dataPlane]],
  ['queue-epoch.ts', [edge, dataPlane, controlPlane]],
  ['rate-limits.ts', [dataPlane, edge]],
  ['secret-changes.ts', [dataPlane]],
  ['sealed-notes.ts', [edge]],
  ['note-reader.ts', [controlPlane]],
])('who uses %s may send what it sends', (file, services) => {
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
