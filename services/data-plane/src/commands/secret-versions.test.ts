import { beforeEach, describe, expect, test } from '@jest/globals';
import { AppError, type SecretRef } from '@toolplane/contracts';
import { secretAudience } from '@toolplane/sealing';
import { createMemoryStore } from '../../test/memory-store.ts';
import { startCommands, type TestCommands } from '../../test/start-commands.ts';
import { type SecretStore, secretPath } from '../secrets/secret-store.ts';

const ref = { workspaceId: 'ws', serverId: 'srv', name: 'KEY' };
const HOUR_MS = 3_600_000;

let memory: ReturnType<typeof createMemoryStore>;
/** A write to the store that fails once. */
let failing: { put?: SecretRef; delete?: SecretRef };
let commands: TestCommands;
let until: number;

beforeEach(() => {
  memory = createMemoryStore();
  failing = {};
  const failOnce = (kind: 'put' | 'delete', asked: SecretRef) => {
    const { [kind]: planned, ...rest } = failing;
    if (planned === undefined || secretPath(planned) !== secretPath(asked)) return;
    failing = rest;
    throw new AppError('secret_unavailable', 'The secret store cannot be used');
  };
  const store: SecretStore = {
    ...memory,
    async put(asked, secret) {
      failOnce('put', asked);
      await memory.put(asked, secret);
    },
    async delete(asked) {
      failOnce('delete', asked);
      await memory.delete(asked);
    },
  };
  commands = startCommands(store);
  until = commands.time.nowMs + HOUR_MS;
});

type Change = { isUsed?: boolean; overlapMs?: number };

async function store(value: string, version: number, { isUsed = true, overlapMs = HOUR_MS }: Change = {}) {
  const sealed = await commands.seal(secretAudience(ref), value);
  return commands.send({ command: 'store_secret', ref, sealed, version, isUsed, overlapMs });
}

const use = (version: number, { tenant, ...overlap }: { tenant?: string; overlapMs?: number } = {}) => {
  return commands.send({ command: 'use_secret_version', ref, version, ...overlap }, tenant);
};

/** Returns the content of the store. */
async function stored() {
  const places: (SecretRef & { place: string })[] = [1, 2, 3].map((version) => ({
    ...ref,
    version,
    place: `@${version}`,
  }));
  const found: Record<string, string> = {};
  for (const { place, ...asked } of [{ ...ref, place: 'in use' }, ...places]) {
    const secret = await memory.get(asked);
    if (secret === undefined) continue;
    const { value, version, previous } = secret;
    const back = previous === undefined ? '' : ` or ${previous.version} for ${previous.until - commands.time.nowMs} ms`;
    found[place] = `${value.reveal()} (${version})${back}`;
  }
  return found;
}

describe('a new version', () => {
  test('replaces the version in use, which is kept as a fallback for a while', async () => {
    await store('the old value', 1);
    expect(await store('the new value', 2)).toMatchObject({ ok: true, value: { version: 2 } });
    expect(await stored()).toEqual({ 'in use': `the new value (2) or 1 for ${HOUR_MS} ms`, '@1': 'the old value (1)' });
    expect((await memory.get(ref))?.previous).toEqual({ version: 1, until });
  });

  test('without an overlap has no fallback to the version that it replaced', async () => {
    await store('the old value', 1);
    await store('the new value', 2, { overlapMs: 0 });
    expect(await stored()).toMatchObject({ 'in use': 'the new value (2)' });
  });

  test('that is not to be used yet is stored beside the one in use', async () => {
    await store('the old value', 1);
    await store('the new value', 2, { isUsed: false });
    expect(await stored()).toEqual({ 'in use': 'the old value (1)', '@2': 'the new value (2)' });
  });

  test('that is stored again replaces its first copy, with the same fallback', async () => {
    await store('the old value', 1);
    await store('the new value', 2);
    commands.time.nowMs += 1000;
    await store('the newest value', 2);
    expect(await stored()).toEqual({
      'in use': `the newest value (2) or 1 for ${HOUR_MS} ms`,
      '@1': 'the old value (1)',
    });
  });

  test('removes versions that the control plane does not know', async () => {
    await store('of a database that was lost', 3);
    await store('the new value', 1);
    expect(await stored()).toEqual({ 'in use': 'the new value (1)' });
  });

  test('is announced with everything that changed', async () => {
    await store('the old value', 1);
    commands.announced.length = 0;
    await store('the new value', 2);
    expect(commands.announced).toEqual([{ ...ref, version: 1 }, ref]);
  });
});

describe('a kept version', () => {
  beforeEach(async () => {
    await store('the old value', 1);
    await store('the new value', 2);
  });

  test('can be put in use, and then the other one is kept', async () => {
    expect(await use(1)).toEqual({ ok: true, outcome: 'done', value: null });
    expect(await stored()).toEqual({ 'in use': 'the old value (1)', '@2': 'the new value (2)' });
    await use(2);
    expect(await stored()).toEqual({ 'in use': 'the new value (2)', '@1': 'the old value (1)' });
  });

  test('that is put in use again falls back to the version that it replaces, for the requested time', async () => {
    await use(1);
    await use(2, { overlapMs: 2 * HOUR_MS });
    expect(await stored()).toEqual({
      'in use': `the new value (2) or 1 for ${2 * HOUR_MS} ms`,
      '@1': 'the old value (1)',
    });
  });

  test('that is already in use stays in use', async () => {
    const before = await stored();
    await use(2);
    expect(await stored()).toEqual(before);
  });

  test('can be deleted on its own', async () => {
    await commands.send({ command: 'delete_secret', ref: { ...ref, version: 1 } });
    expect(Object.keys(await stored())).toEqual(['in use']);
    expect(await use(1)).toMatchObject({
      error: { code: 'secret_missing', message: 'The secret KEY has no version 1' },
    });
  });

  test('of another tenant is not found', async () => {
    expect(await use(1, { tenant: 'other' })).toMatchObject({ error: { code: 'not_found' } });
    expect((await stored())['in use']).toContain('(2)');
  });
});

test('wherever a change is interrupted, nothing is lost, and repeating it completes it', async () => {
  const breaks: (typeof failing)[] = [
    { put: { ...ref, version: 1 } },
    { put: ref },
    { delete: { ...ref, version: 1 } },
  ];
  for (const broken of breaks) {
    for (const [place] of memory.texts) if (place.startsWith('ws/')) memory.texts.delete(place);
    await store('the old value', 1);
    failing = broken;
    await store('the new value', 2);
    expect(Object.values(await stored()).join()).toContain('the old value');
    failing = {};
    await store('the new value', 2);
    failing = broken;
    await use(1);
    expect(Object.values(await stored()).join()).toMatch(/the old value.*the new value|the new value.*the old value/);
    failing = {};
    await use(1);
    expect(await stored()).toMatchObject({ 'in use': 'the old value (1)', '@2': 'the new value (2)' });
  }
});

test('changes of one secret run one after the other, so that none is lost', async () => {
  await store('the old value', 1);
  await store('the new value', 2);
  await Promise.all([1, 2, 1, 2, 1, 2].map((version) => use(version)));
  expect(Object.values(await stored()).toSorted()).toEqual(['the new value (2)', 'the old value (1)']);
});

test('a command that arrives after the control plane has stopped waiting is not started', async () => {
  const sealed = await commands.seal(secretAudience(ref), 'too late');
  const late = { command: 'store_secret', ref, sealed, version: 1, isUsed: true, overlapMs: 0 };
  const signal = AbortSignal.abort(new AppError('deadline_exceeded', 'The deadline has passed'));
  const outcome = await commands.handle({ tenant: 'ws', body: late, signal, leaveSlot: () => {} });
  expect(outcome).toMatchObject({ ok: false, error: { code: 'deadline_exceeded' } });
  expect(await stored()).toEqual({});
});
