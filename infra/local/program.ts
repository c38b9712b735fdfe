import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { LocalError } from './local-error.ts';
import { projectFolder } from './services.ts';

export type ProgramOptions = {
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Holds back the output and prints it only if the program fails. */
  isQuiet?: boolean;
};

/**
 * Runs a program until it ends and returns whether it exited with 0. A signal that interrupts this process is passed to
 * the program and everything it started (its own process group), and then the returned promise rejects.
 */
export function runProgram(command: string, args: string[], options: ProgramOptions = {}): Promise<boolean> {
  const { env = process.env, cwd = projectFolder, isQuiet = false } = options;
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', ...(isQuiet ? pipes : [1, 2])],
    detached: true,
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => output.push(chunk));

  let isInterrupted = false;
  const interrupt = (signal: NodeJS.Signals) => {
    isInterrupted = true;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, signal);
  };
  for (const signal of signals) process.on(signal, interrupt);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      for (const signal of signals) process.off(signal, interrupt);
      if (isInterrupted) return reject(new LocalError('interrupted'));
      if (code !== 0) process.stderr.write(Buffer.concat(output));
      resolve(code === 0);
    });
  });
}

/** Runs one of the project's development tools with the Node from the installed packages. */
export function runTool(name: string, args: string[], options: ProgramOptions = {}): Promise<boolean> {
  const binaries = join(projectFolder, 'node_modules', '.bin');
  const env = {
    ...process.env,
    PATH: `${binaries}:${process.env['PATH']}`,
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    TURBO_TELEMETRY_DISABLED: '1',
  };
  return runProgram(join(binaries, name), args, { env, ...options });
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const pipes = ['pipe', 'pipe'] as const;
