import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addCompletion } from './completion.ts';

function script(shell: string): string {
  const lines: string[] = [];
  const program = new Command('toolplane').option('--json', 'print JSON');
  const servers = program.command('servers').description("list the user's");
  servers.command('list').description('list them');
  servers.command('create').description('make one').option('--mode <mode>', 'of it');
  addCompletion(program, { terminal: { print: (line: string) => lines.push(line) } } as unknown as CommandContext);
  program.parse(['completion', shell], { from: 'user' });
  return lines.join('\n');
}

test.each([
  [['se'], 'servers'],
  [['servers', ''], 'list create --help'],
  [['--json', 'servers', 'c'], 'create'],
  [['servers', 'create', 'name', '--m'], '--mode'],
  [['completion', 'servers', '--'], '--help'],
])('Bash completes %j', (words, completed) => {
  const line = `COMP_WORDS=(toolplane ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}`;
  const bash = `${script('bash')}\n${line}; _toolplane; echo "\${COMPREPLY[*]}"`;
  expect(execFileSync('bash', ['-c', bash], { encoding: 'utf8' }).trim()).toBe(completed);
});

test('Fish gets each word together with the place where it is valid', () => {
  expect(script('fish')).toContain(
    "complete -c toolplane -n '__fish_use_subcommand' -f -a servers -d 'list the user\\'s'\n",
  );
  expect(script('fish')).toContain(
    "-n '__fish_seen_subcommand_from servers; and __fish_seen_subcommand_from create' -l mode -d 'of it'\n",
  );
});
