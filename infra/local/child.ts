import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalError, pickReason } from './local-error.ts';

export type ChildSettings = {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string | undefined>;
  /**
   * stdout and stderr are appended here, so that a child neither blocks nor breaks when its parent is gone, and why it
   * ended can still be read when it runs again.
   */
  logFile: string;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Written to the child's stdin: for what must not be seen in the list of processes. */
  input?: string;
  stopSignal?: NodeJS.Signals;
};

export type Child = {
  name: string;
  pid: number;
  logFile: string;
  /** Resolves with how it ended, for example `exit code 1`. */
  ended: Promise<string>;
  hasEnded(): boolean;
  /** By a signal: then its log does not say why. */
  wasKilled(): boolean;
  /** Asks, and after the grace period kills. */
  stop(graceMs?: number): Promise<void>;
};

/** A process in its own group: Ctrl-C in the terminal reaches only us, so that we choose the order of stopping. */
export async function startChild(settings: ChildSettings): Promise<Child> {
  const { name, command, args, logFile, input, stopSignal = 'SIGTERM', cwd, uid, gid } = settings;
  const log = openSync(logFile, 'a', 0o600);
  const spawned = spawn(command, args, {
    env: settings.env,
    stdio: [input === undefined ? 'ignore' : 'pipe', log, log],
    detached: true,
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  closeSync(log);
  await once(spawned, 'spawn').catch((error: NodeJS.ErrnoException) => {
    throw new LocalError(`${name} cannot be started: ${error.code} ${command}`);
  });
  spawned.stdin?.end(input);

  const ended = new Promise<string>((resolve) => {
    spawned.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  return {
    name,
    pid: spawned.pid as number,
    logFile,
    ended,
    hasEnded: () => hasEnded(spawned),
    wasKilled: () => spawned.signalCode !== null,
    async stop(graceMs = 10_000) {
      if (hasEnded(spawned)) return;
      spawned.kill(stopSignal);
      const timeout = new AbortController();
      const tooLate = delay(graceMs, 'late', { signal: timeout.signal }).catch(() => 'stopped');
      if ((await Promise.race([ended, tooLate])) === 'late') spawned.kill('SIGKILL');
      timeout.abort();
      await ended;
    },
  };
}

/** Tries until it succeeds; gives up at once when the child has ended, and after the time is over. */
export async function waitUntilReady(child: Child, isReady: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  while (!(await isReady())) {
    if (child.hasEnded()) throw childFailed(child, `ended while starting (${await child.ended})`);
    if (Date.now() > giveUpAt) throw childFailed(child, `is not ready after ${timeoutMs / 1000} s`);
    await delay(25);
  }
}

export function childFailed(child: Child, what: string): LocalError {
  const reason = child.wasKilled() ? '' : pickReason(readFileSync(child.logFile, 'utf8'));
  return new LocalError(`${child.name} ${what}${reason && `: ${reason}`} (log: ${child.logFile})`);
}

function hasEnded(spawned: ChildProcess): boolean {
  return spawned.exitCode !== null || spawned.signalCode !== null;
}
