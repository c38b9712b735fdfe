/*
 * P9: the time from the start of a process until it is ready, for each service; and the time from `npm start` until the
 * sample tool was called, on a machine with its packages installed: in a new folder, and again in the same one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ServiceName, startPlatform } from '../src/platform.ts';
import { median, report } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const SERVICES: ServiceName[] = ['edge', 'data-plane', 'control-plane'];
const LOCAL_MODE = new URL('../../../infra/local/run.mjs', import.meta.url).pathname;

const samples = new Map<string, number[]>();
await measureServices();
for (let round = 0; round < ROUNDS; round += 1) await measureLocalMode();

const goals: Record<string, number> = { edge: 3, 'data-plane': 3, 'npm start': 15, 'npm start again': 15 };
const seconds = (ms: number) => Math.round(ms / 10) / 100;
const rows = [...samples].map(([what, ms]) => ({
  what,
  'seconds, median': seconds(median(ms)),
  min: seconds(Math.min(...ms)),
  max: seconds(Math.max(...ms)),
  goal: goals[what] === undefined ? '' : `≤ ${goals[what]}`,
}));
console.log('P9: until it is ready');
report('start', rows, { rounds: ROUNDS });

async function measureServices(): Promise<void> {
  await using platform = await startPlatform();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of SERVICES) {
      const service = platform.service(name);
      await service.kill('SIGTERM');
      await timed(name, () => service.start());
    }
  }
}

async function measureLocalMode(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'toolplane-bench-'));
  try {
    for (const what of ['npm start', 'npm start again']) {
      const child = spawn(process.execPath, [LOCAL_MODE, 'start', '--json'], {
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, TOOLPLANE_HOME: home },
      });
      await timed(what, () => once(createInterface({ input: child.stdout }), 'line'));
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function timed(what: string, run: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await run();
  const ms = performance.now() - startedAt;
  samples.set(what, [...(samples.get(what) ?? []), ms]);
}
