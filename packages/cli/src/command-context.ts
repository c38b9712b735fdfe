import type { Api } from './platform/api.ts';
import type { Terminal } from './terminal.ts';

/** What every command is given. */
export type CommandContext = {
  terminal: Terminal;
  environment: Readonly<Record<string, string | undefined>>;
  /** What `--profile` names. */
  profile(): string | undefined;
  /** Of the platform that is logged in to. Throws `CliError` if there is none. */
  api(): Api;
  /** Prints the result: with `--json` as one JSON document, otherwise as `lines` writes it. */
  show(data: unknown, lines: () => readonly string[]): void;
  /**
   * Runs what goes on until it ends or somebody presses Ctrl-C, after which `task` puts in order what it began. Gives
   * whether it was that.
   */
  untilInterrupted(task: (interrupted: AbortSignal) => Promise<void>): Promise<boolean>;
};
