import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parseCallKeys } from '@toolplane/sealing';
import { connectBus } from '../src/bus-connection.ts';
import { type KeptNotes, type NewNote, type NoteKind, noteKinds } from '../src/notes/note-kinds.ts';
import { createNoteReader } from '../src/notes/note-reader.ts';
import { createNoteWriter } from '../src/notes/note-writer.ts';
import { until } from './until.ts';
import { useOwnRedis } from './use-own-redis.ts';

const someKeys = () => parseCallKeys(`k1:${randomBytes(32).toString('base64')}`);
const keys = someKeys();

const { server, redis, connect } = useOwnRedis();

/** Notes are written only when a test does so. */
const openWriter = <Name extends NoteKind>(name: Name, own = keys) =>
  createNoteWriter(name, { bus: connect(), keys: own, flushMs: 1_000_000 });

async function collect<Name extends NoteKind>(name: Name): Promise<KeptNotes[Name][]> {
  await using bus = connectBus({ redisUrl: server().url });
  const reader = await createNoteReader(name, { bus, keys });
  const collected: KeptNotes[Name][] = [];
  await reader.collect(async (notes) => void collected.push(...notes));
  return collected;
}

const denied: NewNote<'decisions'> = {
  workspaceId: 'ws_1',
  serverId: 'srv_1',
  tool: 'canary_tool',
  action: 'call.denied',
  rule: 'no-writes',
  caller: { kind: 'key', id: 'K' },
};
const requested: NewNote<'approval-requests'> = {
  workspaceId: 'ws_1',
  serverId: 'srv_1',
  tool: 'pay',
  ruleId: 'big',
  requestDigest: 'd'.repeat(43),
  caller: { kind: 'key', keyId: 'key0000001', username: 'canary' },
  argumentNames: ['amount'],
  validSeconds: 60,
};
const usedSecret = (name: string, version = 1): NewNote<'secret-uses'> => {
  return { ref: { workspaceId: 'ws', serverId: 'srv', name, version } };
};
const ada: NewNote<'seen-users'> = { workspaceId: 'ws_1', username: 'canary' };

/** The two notes of a kind do not replace each other. */
const examples: { [Name in NoteKind]: [NewNote<Name>, NewNote<Name>] } = {
  decisions: [denied, { ...denied, rule: 'another' }],
  'approval-requests': [requested, { ...requested, workspaceId: 'ws_2' }],
  'seen-callers': [
    { kind: 'key', id: 'canary' },
    { kind: 'agent', id: 'canary' },
  ],
  'seen-users': [ada, { ...ada, workspaceId: 'ws_2' }],
  'secret-uses': [usedSecret('CANARY'), usedSecret('CANARY', 2)],
};

describe.each(Object.keys(noteKinds) as NoteKind[])('%s', (name) => {
  const [first, second] = examples[name];
  const hash = noteKinds[name].hash();

  test('reach the control plane once, as they were noted', async () => {
    const writer = await openWriter(name);
    const since = Date.now();
    writer.note(first);
    writer.note(second);
    await writer.flush();
    const collected = await collect(name);
    expect(collected).toHaveLength(2);
    for (const noted of [first, second]) expect(collected).toContainEqual(expect.objectContaining(noted));
    for (const { at } of collected) expect(at).toBeGreaterThanOrEqual(since);
    expect(await collect(name)).toEqual([]);
  });

  test('cannot be read in Redis (T33)', async () => {
    const writer = await openWriter(name);
    writer.note(first);
    await writer.flush();
    expect(await redis().hlen(hash)).toBe(1);
    expect(JSON.stringify(await redis().hgetall(hash))).not.toMatch(/canary/i);
  });

  test('that a writer of Redis forges, moves or seals with other keys are dropped (T33)', async () => {
    const [writer, stranger] = [await openWriter(name), await openWriter(name, someKeys())];
    writer.note(first);
    stranger.note(second);
    await Promise.all([writer.flush(), stranger.flush()]);
    const [sealed = ''] = await redis().hvals(hash);
    await redis().hset(hash, 'moved', sealed, 'made up', JSON.stringify({ ...second, at: Date.now() }));
    expect(await collect(name)).toEqual([expect.objectContaining(first)]);
    expect(await redis().exists(hash)).toBe(0);
  });

  test('that could not be saved are delivered the next time', async () => {
    const writer = await openWriter(name);
    const reader = await createNoteReader(name, { bus: connect(), keys });
    writer.note(first);
    await writer.flush();
    const away = new Error('the database is away');
    await expect(reader.collect(() => Promise.reject(away))).rejects.toBe(away);
    expect(await collect(name)).toHaveLength(1);
  });

  test('that are written during a save are kept for the next time', async () => {
    const [writer, other] = [await openWriter(name), await openWriter(name)];
    const reader = await createNoteReader(name, { bus: connect(), keys });
    writer.note(first);
    await writer.flush();
    await reader.collect(async () => {
      other.note(first);
      await other.flush();
    });
    expect(await collect(name)).toHaveLength(1);
  });

  test('are written when Redis is back', async () => {
    const writer = await openWriter(name);
    await server().kill();
    writer.note(first);
    await writer.flush();
    await server().start();
    await until(async () => {
      await writer.flush();
      return (await collect(name).catch(() => [])).length === 1;
    });
  });

  test('are written when the bus is closed', async () => {
    const bus = connectBus({ redisUrl: server().url });
    const writer = await createNoteWriter(name, { bus, keys, flushMs: 1_000_000 });
    writer.note(first);
    await bus[Symbol.asyncDispose]();
    expect(await collect(name)).toHaveLength(1);
  });

  test('are limited in number while nobody collects them', async () => {
    // There are never more uses of secrets than there are secrets.
    const { keptMax = 0 } = noteKinds[name];
    const entries = Array.from({ length: keptMax }, (_, index) => [`field-${index}`, '']).flat();
    for (let at = 0; at < entries.length; at += 20_000) {
      await redis().hset(hash, ...entries.slice(at, at + 20_000));
    }
    const writer = await openWriter(name);
    writer.note(first);
    await writer.flush();
    expect(await redis().hlen(hash)).toBe(name === 'secret-uses' ? 1 : keptMax);
  });
});

test('many similar refusals become one note per edge that counts them', async () => {
  const [one, other] = [await openWriter('decisions'), await openWriter('decisions')];
  for (let index = 0; index < 1000; index++) one.note(denied);
  other.note(denied);
  one.note({ ...denied, rule: 'another' });
  await Promise.all([one.flush(), other.flush()]);
  const counts = (await collect('decisions')).map(({ rule, count }) => `${rule} ${count}`);
  expect(counts.toSorted()).toEqual(['another 1', 'no-writes 1', 'no-writes 1000']);
  one.note(denied);
  await one.flush();
  expect((await collect('decisions')).map(({ count }) => count)).toEqual([1]);
});

test('a caller that is refused under ever new names takes only a bounded amount of memory', async () => {
  const writer = await openWriter('decisions');
  for (let index = 0; index < 5000; index++) writer.note({ ...denied, tool: `t${index}` });
  await writer.flush();
  expect(await collect('decisions')).toHaveLength(1000);
});

test.each(['seen-callers', 'seen-users'] as const)('%s are noted at most once a minute per edge', async (name) => {
  const writer = await openWriter(name);
  const [first, second] = examples[name];
  for (const note of [first, second, first]) writer.note(note as NewNote<typeof name>);
  await writer.flush();
  expect(await collect(name)).toHaveLength(2);
  writer.note(first as NewNote<typeof name>);
  await writer.flush();
  expect(await collect(name)).toEqual([]);
});

test('users whose names differ only in case are different users', async () => {
  const writer = await openWriter('seen-users');
  for (const username of ['ada', 'Ada']) writer.note({ ...ada, username });
  await writer.flush();
  expect((await collect('seen-users')).map(({ username }) => username).toSorted()).toEqual(['Ada', 'ada']);
});

test('a call that waits for approval is noted once, and again when its approval is used up', async () => {
  const writer = await openWriter('approval-requests');
  for (const note of [requested, requested]) writer.note(note);
  await writer.flush();
  expect(await collect('approval-requests')).toEqual([{ ...requested, at: expect.any(Number) }]);
  writer.note(requested);
  await writer.flush();
  expect(await collect('approval-requests')).toEqual([]);
  writer.note({ ...requested, usedApprovalId: 'apr_1' });
  await writer.flush();
  expect(await collect('approval-requests')).toMatchObject([{ usedApprovalId: 'apr_1' }]);
});

test('the last use of each version of a secret is noted, in the pool of its data planes', async () => {
  const bus = connect();
  const writer = await createNoteWriter('secret-uses', { bus, keys, pool: 'eu', flushMs: 1_000_000 });
  for (const note of [usedSecret('KEY'), usedSecret('KEY', 2), usedSecret('KEY'), usedSecret('OTHER')]) {
    writer.note(note);
  }
  await writer.flush();
  expect(await collect('secret-uses')).toEqual([]);
  const reader = await createNoteReader('secret-uses', { bus, keys, pool: 'eu' });
  const uses: string[] = [];
  await reader.collect(async (notes) => {
    for (const { ref } of notes) uses.push(`${ref.name}@${ref.version}`);
  });
  expect(uses.toSorted()).toEqual(['KEY@1', 'KEY@2', 'OTHER@1']);
});
