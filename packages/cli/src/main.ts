#!/usr/bin/env node
import { CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import { createProgram } from './program.ts';
import { createTerminal } from './terminal.ts';

const NODE_MIN = 22;
const WRONG_USAGE = 2;

const terminal = createTerminal();
try {
  const [major] = process.versions.node.split('.');
  if (Number(major) < NODE_MIN) throw new CliError(`Node ${NODE_MIN} or newer is needed, this is ${process.version}`);
  await createProgram({ terminal, environment: process.env }).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // It has said what is wrong itself. Asking for help is no error.
    process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
  } else {
    terminal.fail(error);
    process.exitCode = 1;
  }
}
