import { buffer, text } from 'node:stream/consumers';
import { isCancel, password } from '@clack/prompts';
import { CliError } from './cli-error.ts';

/** Where a command says what it found (stdout), what goes on (stderr), and gets what stands on no command line. */
export type Terminal = {
  print(text: string): void;
  note(text: string): void;
  /** All of stdin, or what somebody types unseen where that is a terminal. Throws `CliError`. */
  readSecret(name: string): Promise<string>;
  readInput(): Promise<string>;
};

export function createTerminal(): Terminal {
  // Whoever reads has enough, as `head` does: what was begun is put in order as after Ctrl-C.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!process.emit('SIGTERM', 'SIGTERM')) process.exit();
  });
  return {
    print: (line) => void process.stdout.write(`${toPrintable(line)}\n`),
    note: (line) => void process.stderr.write(`${toPrintable(line)}\n`),
    readInput: () => text(process.stdin),
    async readSecret(name) {
      const value = process.stdin.isTTY ? await askUnseen(name) : withoutLineEnd(decode(await buffer(process.stdin)));
      if (value === '') throw new CliError(`There is no ${name}: type it in, or pipe it to stdin`);
      return value;
    },
  };
}

async function askUnseen(name: string): Promise<string> {
  const typed = await password({ message: name, output: process.stderr });
  if (isCancel(typed)) throw new CliError('Nothing was done');
  return typed;
}

/** What is no text would be stored as something else. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CliError('What was piped is no text in UTF-8');
  }
}

/** `echo` and files end with one, which is no part of the secret; a key of several lines keeps those between. */
function withoutLineEnd(value: string): string {
  return value.replace(/\r?\n$/, '');
}

/** What upstreams and documents say must not steer the terminal: control characters are shown as JSON has them. */
export function toPrintable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
  return line.replace(steering, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
