import { isMainThread, Worker, workerData } from 'node:worker_threads';

/*
 * Loaded into every task process before its script. While a task computes, its process hears of nothing, not even that
 * its parent is gone; so a thread of its own watches it, and ends it when nobody waits for it any more.
 */

type Watch = { parentId: number; silentMsMax: number; beats: Int32Array };

const TICK_MS = 200;
/** The parent comes first, because it knows what to tell. */
const LATE_MS = 1000;

if (isMainThread) startWatch();
else watch(workerData);

function startWatch(): void {
  const [parentId, taskMsMax] = process.argv.slice(2).map(Number);
  if (parentId === undefined || taskMsMax === undefined) throw new Error('A task process is started by a parent');
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const watched: Watch = { parentId, silentMsMax: taskMsMax + LATE_MS, beats };
  setInterval(() => Atomics.add(beats, 0, 1), TICK_MS).unref();
  const limits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
  new Worker(new URL(import.meta.url), { workerData: watched, execArgv: [], resourceLimits: limits }).unref();
}

/** Counts its own ticks and not the time, which also passes for a process that is stopped and continued. */
function watch({ parentId, silentMsMax, beats }: Watch): void {
  let heard = 0;
  let silentMs = 0;
  setInterval(() => {
    const beat = Atomics.load(beats, 0);
    silentMs = beat === heard ? silentMs + TICK_MS : 0;
    heard = beat;
    if (process.ppid !== parentId || silentMs > silentMsMax) process.kill(process.pid, 'SIGKILL');
  }, TICK_MS);
}
