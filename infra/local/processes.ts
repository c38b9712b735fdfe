import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Processes that were not started in this run and are known only by their ids. */

/**
 * The command line of a process; undefined if no such process exists. A process id alone proves nothing, because ids
 * are reused.
 */
export function findCommand(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid < 1) return undefined;
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
}

/** Sends the signal, and kills the process after the grace period. */
export async function stopProcess(pid: number, signal: NodeJS.Signals, graceMs = 10_000): Promise<void> {
  const killAt = Date.now() + graceMs;
  const command = findCommand(pid);
  process.kill(pid, signal);
  while (command !== undefined && findCommand(pid) === command) {
    if (Date.now() > killAt) process.kill(pid, 'SIGKILL');
    await delay(50);
  }
}
