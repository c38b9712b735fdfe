import type { Command } from 'commander';

/** Adds examples below the help of a command: lines as people type them. */
export function addExamples(command: Command, ...lines: readonly string[]): Command {
  const [first = '', ...rest] = lines;
  return command.addHelpText('after', ['', `Example: ${first}`, ...rest.map((line) => `         ${line}`)].join('\n'));
}
