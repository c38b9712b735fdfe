import { afterEach, describe, expect, test } from '@jest/globals';
import type { ExampleTask } from './task-pool.example.ts';
import { createTaskPool, type TaskPool, type TaskPoolOptions } from './task-pool.ts';

let pool: TaskPool;
afterEach(async () => pool[Symbol.asyncDispose]());

function open(options: Partial<TaskPoolOptions> = {}) {
  pool = createTaskPool({
    script: new URL('./task-pool.example.ts', import.meta.url),
    processesMax: 1,
    waitingMax: 4,
    tenantWaitingMax: 3,
    taskMsMax: 10_000,
    heapMbMax: 64,
    ...options,
  });
}

const run = (task: ExampleTask, tenant = 'a') => pool.run(tenant, task);

test('one process does one task after the other', async () => {
  open();
  expect(await Promise.all(['1', '2', '3'].map((echo) => run({ echo })))).toEqual(['1', '2', '3']);
});

describe('fails one task only, and later ones have a new process', () => {
  test.each([
    ['a task that takes too long', { do: 'spin' }, 'time'],
    ['a task that takes too much memory', { do: 'allocate' }, 'memory'],
    ['a process that is killed in the middle', { do: 'die' }, 'end'],
  ] as [string, ExampleTask, string][])('%s', async (_name, task, by) => {
    open({ taskMsMax: 1000 });
    expect(await run({ echo: 'before' })).toBe('before');
    const lost = expect(run(task)).rejects.toMatchObject({ name: 'TaskLost', by });
    const next = run({ echo: 'next' }, 'b');
    await lost;
    expect(await next).toBe('next');
  });

  test('a process that was killed while it had nothing to do', async () => {
    open({ taskMsMax: 1000 });
    await expect(run({ do: 'die' })).rejects.toMatchObject({ by: 'end' });
    expect(await run({ echo: 'after' })).toBe('after');
  });
});

test('a process knows nothing of the environment of its parent except where compiled code is', async () => {
  process.env['CANARY_CREDENTIAL'] = 'sk_canary';
  open();
  const environment = (await run({ do: 'tell-environment' })) as Record<string, string>;
  delete process.env['CANARY_CREDENTIAL'];
  expect(Object.keys(environment).filter((name) => name !== 'NODE_COMPILE_CACHE')).toEqual([]);
});

test('the time a process takes to load does not count as time of its task', async () => {
  open({ script: new URL('./slow-loading.example.ts', import.meta.url), taskMsMax: 200 });
  expect(await run({ echo: 'loaded' })).toBe('loaded');
});

test('a process that cannot even be started fails one task only', async () => {
  const scripts = ['file:///%00', new URL('./task-pool.example.ts', import.meta.url)];
  pool = createTaskPool({
    processesMax: 1,
    waitingMax: 4,
    tenantWaitingMax: 3,
    taskMsMax: 10_000,
    heapMbMax: 64,
    get script() {
      return new URL(scripts.shift() ?? '');
    },
  });
  const answers = await Promise.allSettled([run({ echo: 'first' }), run({ echo: 'next' })]);
  expect(answers).toMatchObject([{ reason: { name: 'TaskLost', by: 'end' } }, { value: 'next' }]);
});

test('a slow task does not hold up one that has a process of its own', async () => {
  open({ processesMax: 2 });
  const slow = run({ waitMs: 60_000 }).catch((error) => error);
  expect(await run({ echo: 'fast' })).toBe('fast');
  await pool[Symbol.asyncDispose]();
  expect(await slow).toMatchObject({ by: 'end' });
});

test('a tenant with many tasks does not hold up another', async () => {
  open();
  const ended: string[] = [];
  const note = (tenant: string) => run({ echo: tenant }, tenant).then(() => ended.push(tenant));
  await Promise.all([note('many'), note('many'), note('many'), note('other')]);
  expect(ended.indexOf('other')).toBe(1);
});

describe('refuses a task when too many are waiting', () => {
  test('of one tenant', async () => {
    open();
    const accepted = Array.from({ length: 4 }, () => run({ echo: '' }));
    await expect(run({ echo: '' })).rejects.toMatchObject({ code: 'tenant_busy' });
    expect(await run({ echo: 'other' }, 'b')).toBe('other');
    await Promise.all(accepted);
  });

  test('in total', async () => {
    open();
    const accepted = ['a', 'b', 'c', 'd', 'e'].map((tenant) => run({ echo: '' }, tenant));
    await expect(run({ echo: '' }, 'f')).rejects.toMatchObject({ code: 'config_unavailable' });
    await Promise.all(accepted);
  });
});

test('when it is disposed, what waits is refused and what runs is stopped', async () => {
  open();
  const running = expect(run({ do: 'spin' })).rejects.toMatchObject({ by: 'end' });
  const waiting = expect(run({ echo: '' })).rejects.toMatchObject({ code: 'shutting_down' });
  await pool[Symbol.asyncDispose]();
  await Promise.all([running, waiting]);
  await expect(run({ echo: '' })).rejects.toMatchObject({ code: 'shutting_down' });
});
