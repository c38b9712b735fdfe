import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { type Child, startChild, waitUntilReady } from '../child.ts';
import { keepRunning } from '../keep-running.ts';
import { LocalError } from '../local-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'toolplane-keep-running-'));
const logFile = join(folder, 'sleeper.log');
let said: string[];
let children: Child[];
let isStopping: boolean;

beforeEach(() => {
  [said, children, isStopping] = [[], [], false];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(script: string): Promise<Child> {
  const child = await startChild({ name: 'sleeper', command: 'sh', args: ['-c', script], env: process.env, logFile });
  children.push(child);
  return child;
}

/** Calls `onStart` with each process that is restarted. */
async function keep(script: string, onStart: (child: Child) => void = () => undefined): Promise<never> {
  const startAgain = async () => {
    const child = await start(script);
    onStart(child);
    return child;
  };
  const first = await start(script);
  if (script.startsWith('exec')) process.kill(first.pid, 'SIGKILL');
  return keepRunning(first, { start: startAgain, say: (line) => said.push(line), isStopping: () => isStopping });
}

test('a killed process is started again at once, and no line of its log is given as the reason', async () => {
  const kept = keep('exec sleep 600', async (child) => {
    isStopping = true;
    await child.stop();
  });
  await expect(kept).rejects.toThrow('stopped');
  expect(children).toHaveLength(2);
  expect(said).toEqual([
    `sleeper has ended (signal SIGKILL) (log: ${logFile}); starting it again…`,
    'sleeper is running again.',
  ]);
});

test('a process that ends again and again is given up, and the message names its log, which has all of its runs', async () => {
  rmSync(logFile, { force: true });
  const kept = keep('echo "Error: no more room" >&2; exit 3');
  await expect(kept).rejects.toThrow(new LocalError(`sleeper ended 6 times within a minute; see ${logFile}`));
  expect(children).toHaveLength(6);
  expect(said[0]).toBe(`sleeper has ended (exit code 3): Error: no more room (log: ${logFile}); starting it again…`);
  expect(readFileSync(logFile, 'utf8').match(/no more room/g)).toHaveLength(6);
});

test('a start that fails counts like a process that ends', async () => {
  const first = await start('exit 1');
  const failing = () => Promise.reject(new LocalError('sleeper is not ready after 30 s'));
  const kept = keepRunning(first, { start: failing, say: (line) => said.push(line), isStopping: () => false });
  await expect(kept).rejects.toThrow('ended 6 times within a minute');
  expect(said).toHaveLength(5);
});

test('a process that ends before it is ready says why, and a killed one only that it was killed', async () => {
  rmSync(logFile, { force: true });
  const failed = waitUntilReady(await start('echo "Error: no room at all" >&2; exit 3'), async () => false);
  await expect(failed).rejects.toThrow('ended while starting (exit code 3): Error: no room at all (log: ');
  const killed = waitUntilReady(await start('kill -9 $$'), async () => false);
  await expect(killed).rejects.toThrow('ended while starting (signal SIGKILL) (log: ');
});
