import { fork, type Serializable } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/** The reason why a task has no answer: it took too much time or memory, or something ended its process. */
export class TaskLost extends Error {
  readonly by: 'time' | 'memory' | 'end';

  constructor(by: TaskLost['by'], ending: string, options?: ErrorOptions) {
    super(`The task process ended (${ending})`, options);
    this.name = 'TaskLost';
    this.by = by;
  }
}

/**
 * A process that runs one task at a time. If the process ends, only that task is lost. The process ends with its
 * parent.
 */
export type TaskProcess = {
  /** Rejects with `TaskLost`. */
  run(task: Serializable): Promise<unknown>;
  hasEnded(): boolean;
  stop(): Promise<void>;
};

export type TaskProcessOptions = {
  /** The script sends one message when it is loaded, and then one for each message that it receives. */
  script: URL;
  taskMsMax: number;
  heapMbMax: number;
};

const WATCHDOG = new URL('./watchdog.ts', import.meta.url).href;

export function startTaskProcess({ script, taskMsMax, heapMbMax }: TaskProcessOptions): TaskProcess {
  const child = fork(script, [`${process.pid}`, `${taskMsMax}`], {
    execArgv: ['--conditions=toolplane-source', `--max-old-space-size=${heapMbMax}`, '--import', WATCHDOG],
    // Hostile text is parsed without any credential in the environment. Nothing that Node writes for such text is kept,
    // because the compile cache is written before.
    env: compileCache(),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
  let waiter: { resolve(message: unknown): void; reject(reason: TaskLost): void } | undefined;
  let isLate = false;
  let lost: TaskLost | undefined;
  const ended = new Promise<void>((resolve) => {
    const end = (by: TaskLost['by'], ending: string) => {
      lost ??= new TaskLost(isLate ? 'time' : by, ending);
      waiter?.reject(lost);
      resolve();
    };
    child.once('exit', (code, signal) => end(isCrash(signal) ? 'memory' : 'end', `${signal ?? `code ${code}`}`));
    // A process that did not start emits no exit event; a message that could not be sent is followed by one.
    child.on('error', (error: NodeJS.ErrnoException) => child.pid === undefined && end('end', `${error.code}`));
  });
  child.on('message', (message) => waiter?.resolve(message));
  const nextMessage = () =>
    new Promise<unknown>((resolve, reject) => {
      waiter = { resolve, reject };
      if (lost !== undefined) reject(lost);
    });
  const loaded = nextMessage();
  loaded.catch(() => undefined);

  return {
    async run(task) {
      // The time limit of the task does not include loading.
      await loaded;
      const timer = setTimeout(() => {
        isLate = true;
        child.kill('SIGKILL');
      }, taskMsMax);
      const answer = nextMessage();
      child.send(task, () => undefined);
      return answer.finally(() => clearTimeout(timer));
    },
    hasEnded: () => lost !== undefined,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The compile cache of this process; scripts add their own code as soon as they are loaded, before any task. */
function compileCache(): Record<string, string> {
  const folder = getCompileCacheDir();
  // Node expects the parent of the folder for this version of Node.
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

/** True for the signals with which V8 ends a process that has used up its heap. */
function isCrash(signal: NodeJS.Signals | null): boolean {
  return signal === 'SIGABRT' || signal === 'SIGTRAP' || signal === 'SIGILL';
}
