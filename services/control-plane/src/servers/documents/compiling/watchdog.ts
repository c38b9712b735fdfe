import { isMainThread, Worker, workerData } from 'node:worker_threads';

/*
 * This module is loaded into every task process before its script. While a task computes, its process receives no
 * events, not even that its parent has ended. A separate thread therefore watches the process, and ends it when nobody
 * waits for it any more.
 */

/** `signs` are set by the computing thread: how often it was idle, and whether it has received a task. */
type Watch = { parentId: number; silentMsMax: number; signs: Int32Array };

const BEATS = 0;
const HAS_TASK = 1;
const TICK_MS = 200;
/** Loading the script is not part of a task, and can take long on a busy machine. */
const LOADING_MS_MAX = 60_000;
/** The watchdog acts this long after the parent's own limit, because the parent knows what to report. */
const LATE_MS = 1000;

if (isMainThread) startWatch();
else watch(workerData);

function startWatch(): void {
  const [parentId, taskMsMax] = process.argv.slice(2).map(Number);
  if (parentId === undefined || taskMsMax === undefined)
    throw new Error('A task process must be started by a parent process');
  const signs = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const watched: Watch = { parentId, silentMsMax: taskMsMax + LATE_MS, signs };
  setInterval(() => Atomics.add(signs, BEATS, 1), TICK_MS).unref();
  // This listener is registered before that of the script.
  process.once('message', () => Atomics.store(signs, HAS_TASK, 1));
  const limits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
  new Worker(new URL(import.meta.url), { workerData: watched, execArgv: [], resourceLimits: limits }).unref();
}

/** Counts its own ticks instead of elapsed time, which continues while a process is stopped and later resumed. */
function watch({ parentId, silentMsMax, signs }: Watch): void {
  let received = 0;
  let silentMs = 0;
  setInterval(() => {
    const beat = Atomics.load(signs, BEATS);
    silentMs = beat === received ? silentMs + TICK_MS : 0;
    received = beat;
    const isSilent = silentMs > (Atomics.load(signs, HAS_TASK) === 1 ? silentMsMax : LOADING_MS_MAX);
    if (process.ppid !== parentId || isSilent) process.kill(process.pid, 'SIGKILL');
  }, TICK_MS);
}
