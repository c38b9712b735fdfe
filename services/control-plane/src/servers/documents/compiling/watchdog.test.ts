import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';

let parent: ChildProcess;
/** The id of a process that computes and receives no messages. */
let taskId: number;
afterEach(() => {
  parent.kill('SIGKILL');
  if (isRunning(taskId)) process.kill(taskId, 'SIGKILL');
});

async function startBusyTask(taskMsMax: number): Promise<void> {
  parent = fork(new URL('./task-parent.example.ts', import.meta.url), [String(taskMsMax)], {
    execArgv: ['--conditions=toolplane-source', '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  [taskId] = await once(parent, 'message');
  expect(isRunning(taskId)).toBe(true);
}

/** A process that has ended may still be listed until its exit status is read. */
function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return !readFileSync(`/proc/${processId}/stat`, 'utf8').includes(') Z ');
  } catch (error) {
    return (error as NodeJS.ErrnoException).path !== undefined && process.platform !== 'linux';
  }
}

async function expectEnd(processId: number, withinMs: number): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (isRunning(processId)) {
    if (Date.now() > giveUpAt) throw new Error(`The process runs on after ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a busy task process does not outlive its parent, however the parent ended', async () => {
  await startBusyTask(60_000);
  parent.kill('SIGKILL');
  await expectEnd(taskId, 5000);
});

test('a task process ends when its time is over, even if its parent does not end it', async () => {
  await startBusyTask(200);
  parent.kill('SIGSTOP');
  await expectEnd(taskId, 8000);
});
