import type { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { confirm, isCancel, password } from '@clack/prompts';
import { CliError } from './cli-error.ts';
import { readAtMost } from './documents/read-file.ts';

/**
 * Where a command prints its result (stdout) and its progress (stderr), and reads input that is not on the command
 * line.
 */
export type Terminal = {
  /** Prints a line of the result. */
  print(line: string): void;
  /** Prints a line of the progress. In JSON mode, it is `{"note": …}`. */
  note(line: string): void;
  /** Prints why a command failed. */
  fail(error: unknown): void;
  /** From now on all output is JSON, one document per line. */
  speakJson(): void;
  readonly speaksJson: boolean;
  /** Returns all of stdin or, if stdin is a terminal, what somebody types without echo. Throws `CliError`. */
  readSecret(name: string): Promise<string>;
  readInput(): Promise<string>;
  /** Throws `CliError` unless somebody confirms. If nobody can be asked, `--yes` is required. */
  confirm(question: string): Promise<void>;
};

type Input = AsyncIterable<Uint8Array> & { isTTY?: boolean };
type Streams = { stdin: Input; stdout: Writable; stderr: Writable & { isTTY?: boolean } };

export function createTerminal({ stdin, stdout, stderr }: Streams): Terminal {
  // The reader has closed the pipe, as `head` does. The command then cleans up as after Ctrl-C.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!process.emit('SIGTERM', 'SIGTERM')) process.exit();
  });
  let speaksJson = false;
  const say = (line: string) => void stderr.write(`${toPrintable(line)}\n`);
  return {
    print: (line) => void stdout.write(`${toPrintable(line)}\n`),
    note: (line) => say(speaksJson ? JSON.stringify({ note: line }) : line),
    fail(error) {
      const reported = error instanceof CliError ? error : toBug(error);
      if (speaksJson) say(JSON.stringify({ error: reported.toJson() }));
      else
        for (const line of [`toolplane: ${reported.message}`, ...reported.details.map((each) => `  ${each}`)])
          say(line);
    },
    speakJson() {
      speaksJson = true;
    },
    get speaksJson() {
      return speaksJson;
    },
    readInput: () => readAtMost(stdin, 'The piped input'),
    async readSecret(name) {
      const value = stdin.isTTY ? await askUnseen(name, stderr) : withoutLineEnd(decode(await buffer(stdin)));
      if (value === '') throw new CliError(`Nothing was entered for ${name}: type it in, or pipe it to stdin`);
      return value;
    },
    async confirm(message) {
      if (!stdin.isTTY || !stderr.isTTY) throw new CliError('Nothing was done: confirm with --yes');
      const isWanted = await confirm({ message: toPrintable(message), initialValue: false, output: stderr });
      if (isWanted !== true) throw new CliError('Nothing was done');
    },
  };
}

/** Includes where the error was thrown, for a bug report. */
function toBug(error: unknown): CliError {
  const [message = '', ...details] = (error instanceof Error ? (error.stack ?? error.message) : `${error}`).split('\n');
  return new CliError(message, { code: 'internal', details: details.map((line) => line.trim()) });
}

async function askUnseen(name: string, output: Writable): Promise<string> {
  const typed = await password({ message: name, output });
  if (isCancel(typed)) throw new CliError('Nothing was done');
  return typed;
}

/** Bytes that are not valid text would be stored as something else. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CliError('The piped input is not UTF-8 text');
  }
}

/**
 * Files and the output of `echo` end with a line break that is not part of the secret. A key of several lines keeps the
 * others.
 */
function withoutLineEnd(value: string): string {
  return value.replace(/\r?\n$/, '');
}

/**
 * Text from upstreams, documents and the platform must not control the terminal or imitate our own lines: control
 * characters, line breaks and characters that change the text direction are escaped as in JSON.
 */
export function toPrintable(line: string): string {
  const steering = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
  return line.replace(steering, (each) => (each === '\t' ? each : toEscape(each)));
}

function toEscape(character: string): string {
  const escaped = JSON.stringify(character).slice(1, -1);
  return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
}
