import { expect, test } from '@jest/globals';
import { createTenantSemaphore } from './tenant-semaphore.ts';

/** Creates work that ends when the test calls its entry in `started`. */
function createWork() {
  const started: (() => void)[] = [];
  return { started, work: () => new Promise<void>((resolve) => started.push(resolve)) };
}
const settle = () => new Promise(setImmediate);

test('a tenant has a limited number at once; its others wait, and those of other tenants do not', async () => {
  const runInSlot = createTenantSemaphore({ atOnceMax: 2, waitMsMax: 60_000 });
  const { started, work } = createWork();
  const all = [1, 2, 3, 4].map(() => runInSlot('a', work));
  await settle();
  expect(started).toHaveLength(2);
  const other = runInSlot('b', work);
  await settle();
  expect(started).toHaveLength(3);
  for (let index = 0; index < 5; index += 1) {
    started[index]?.();
    await settle();
  }
  await Promise.all([...all, other]);
  expect(started).toHaveLength(5);
});

test('one whose turn does not come in time is refused; a failure makes room as well', async () => {
  const runInSlot = createTenantSemaphore({ atOnceMax: 1, waitMsMax: 1 });
  const { started, work } = createWork();
  const first = runInSlot('a', work);
  await expect(runInSlot('a', work)).rejects.toMatchObject({ code: 'tenant_busy' });
  started[0]?.();
  await first;
  await expect(runInSlot('a', () => Promise.reject(new Error('x')))).rejects.toThrow('x');
  expect(await runInSlot('a', async () => 'done')).toBe('done');
});
