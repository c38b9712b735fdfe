import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { LocalError } from './local-error.ts';
import { projectFolder } from './services.ts';

export type ProgramOptions = {
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Keeps its output back and prints it only if it fails. */
  isQuiet?: boolean;
};

/**
 * Runs a program to its end; true if it passed. What interrupts us interrupts it and all that it started (it is a
 * process group of its own), and then nothing goes on.
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

/** Runs one of the project's development tools on the Node that came with the packages. */
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
