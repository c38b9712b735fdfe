import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalError, pickReason } from './local-error.ts';

export type ChildSettings = {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string | undefined>;
  /**
   * The file that stdout and stderr are appended to: the child neither blocks nor breaks when its parent ends, and the
   * reason why it ended can still be read after a restart.
   */
  logFile: string;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Written to the child's stdin, for values that must not appear in the list of processes. */
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
  /** Whether a signal ended it; if so, its log does not say why. */
  wasKilled(): boolean;
  /** Sends `stopSignal`, and kills the process after the grace period. */
  stop(graceMs?: number): Promise<void>;
};

/**
 * Starts a process in its own group: Ctrl-C in the terminal reaches only this process, so that it can choose the order
 * of stopping.
 */
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

/** True, or the reason why a process is not ready, if it says one. */
export type Readiness = boolean | string;

/**
 * Waits as long as the child lives and makes progress, because a busy machine may need minutes. Rejects at once if the
 * child has ended, and if neither its log nor its reason has changed for `stallMs`. Calls `onWait` every ten seconds.
 */
export async function waitUntilReady(
  child: Child,
  isReady: () => Promise<Readiness>,
  { stallMs = 60_000, onWait }: { stallMs?: number; onWait?: (state: string) => void } = {},
): Promise<void> {
  const startedAt = Date.now();
  let [changedAt, saidAt, last] = [startedAt, startedAt, ''];
  for (;;) {
    const readiness = await isReady();
    if (readiness === true) return;
    if (child.hasEnded()) throw childFailed(child, `ended while starting (${await child.ended})`);
    const reason = readiness === false ? '' : readiness;
    const now = Date.now();
    const state = `${statSync(child.logFile).size} ${reason}`;
    if (state !== last) [changedAt, last] = [now, state];
    const because = reason && `: ${reason}`;
    if (now - changedAt > stallMs) {
      throw childFailed(child, `is not ready, and has made no progress for ${stallMs / 1000} s${because}`);
    }
    if (now - saidAt > WAIT_NOTE_MS) {
      saidAt = now;
      onWait?.(`${child.name} is still starting after ${Math.round((now - startedAt) / 1000)} s${because}`);
    }
    await delay(25);
  }
}

const WAIT_NOTE_MS = 10_000;

export function childFailed(child: Child, what: string): LocalError {
  const reason = child.wasKilled() ? '' : pickReason(readFileSync(child.logFile, 'utf8'));
  return new LocalError(`${child.name} ${what}${reason && `: ${reason}`} (log: ${child.logFile})`);
}

function hasEnded(spawned: ChildProcess): boolean {
  return spawned.exitCode !== null || spawned.signalCode !== null;
}
