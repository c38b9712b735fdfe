import { Argument, type Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addExamples } from './examples.ts';

const writers = { bash: toBash, zsh: toZsh, fish: toFish };
type Shell = keyof typeof writers;

export function addCompletion(program: Command, { terminal }: CommandContext): void {
  const completion = program
    .command('completion')
    .summary('print a script for shell completion')
    .description(
      'Print a script that completes commands and options in a shell, for "toolplane" as a command or an alias.',
    )
    .addArgument(new Argument('<shell>').choices(Object.keys(writers)))
    .action((shell: Shell) => {
      for (const line of writers[shell](listPlaces(program))) terminal.print(line);
    });
  addExamples(
    completion,
    'eval "$(toolplane completion bash)"     # in ~/.bashrc; likewise zsh',
    'toolplane completion fish | source      # in ~/.config/fish/config.fish',
  );
}

/** A command, as the words that lead to it, and the words that can follow. */
type Place = { path: readonly string[]; next: { word: string; description: string }[] };

function listPlaces(command: Command, path: readonly string[] = []): Place[] {
  const commands = command.commands.map((each) => ({
    word: each.name(),
    description: each.summary() || each.description(),
  }));
  const options = command.options.flatMap(({ long, description }) => (long ? [{ word: long, description }] : []));
  const inside = command.commands.flatMap((each) => listPlaces(each, [...path, each.name()]));
  return [{ path, next: [...commands, ...options, { word: '--help', description: 'print help' }] }, ...inside];
}

function toBash(places: readonly Place[]): string[] {
  const known = places.filter(({ path }) => path.length > 0);
  return [
    '_toolplane() {',
    "  local at='' word words=''",
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$at/$word" in',
    `      ${known.map(({ path }) => toKey(path)).join(' | ')}) at="$at/$word" ;;`,
    '    esac',
    '  done',
    '  case "$at" in',
    ...places.map(({ path, next }) => `    ${toKey(path)}) words='${next.map(({ word }) => word).join(' ')}' ;;`),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _toolplane toolplane',
  ];
}

/** Zsh can run the script for Bash. */
function toZsh(places: readonly Place[]): string[] {
  return ['autoload -U +X compinit && compinit', 'autoload -U +X bashcompinit && bashcompinit', ...toBash(places)];
}

function toFish(places: readonly Place[]): string[] {
  return places.flatMap(({ path, next }) => {
    const [first, ...rest] = [...path.map((word) => `__fish_seen_subcommand_from ${word}`)];
    const commands = next.filter(({ word }) => !word.startsWith('-')).map(({ word }) => word);
    const isDeeper = commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.join(' ')}`];
    const condition = first === undefined ? '__fish_use_subcommand' : [first, ...rest, ...isDeeper].join('; and ');
    return next.map(({ word, description }) => {
      const completed = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c toolplane -n '${condition}' ${completed} -d '${description.replace(/[\\']/g, '\\$&')}'`;
    });
  });
}

function toKey(path: readonly string[]): string {
  return `'${path.map((word) => `/${word}`).join('')}'`;
}
