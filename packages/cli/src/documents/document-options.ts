import { type Command, InvalidArgumentError, Option } from 'commander';

/** What a command that reads a document is told besides. */
export type DocumentOptions = { reference: Record<string, string> };

export function addDocumentOptions(command: Command): Command {
  const about = 'file of a source description; those with a relative URL are found without (repeatable)';
  return command.addOption(namedValues('--reference <name=file>', about));
}

/** An option that may be given again, each time for another name. */
export function namedValues(flags: string, description: string): Option {
  return new Option(flags, description).argParser<Record<string, string>>(addNamed).default({}, 'none');
}

function addNamed(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It is written name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
