import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { readFile } from '../documents/read-file.ts';
import { named } from './option-values.ts';

export type InputOptions = { input: ReadonlyMap<string, string>; inputs?: string };

/** Adds options for the inputs of a tool: one by one, or all of them as JSON. */
export function addInputOptions(command: Command): Command {
  return command
    .addOption(
      named('-i, --input <name=value>', `an input: JSON if it is valid JSON, otherwise text; the text "7" is '"7"'`),
    )
    .option('--inputs <json>', 'all inputs as a JSON object, or @file; --input overrides single inputs');
}

/** Throws `CliError` if `--inputs` is not a JSON object, or if its file cannot be read. */
export function readInputs({ input, inputs }: InputOptions): Record<string, unknown> {
  const named = [...input].map(([name, text]) => [name, (parse(text) ?? { value: text }).value]);
  return { ...readAll(inputs), ...Object.fromEntries(named) };
}

function readAll(inputs = '{}'): Record<string, unknown> {
  const text = inputs.startsWith('@') ? readFile(inputs.slice(1)) : inputs;
  const value: unknown = parse(text)?.value;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new CliError('--inputs must be a JSON object');
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
