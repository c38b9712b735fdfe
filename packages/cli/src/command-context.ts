import type { PlatformApi } from './platform/api.ts';
import type { Terminal } from './terminal.ts';

/** The context that every command receives. */
export type CommandContext = {
  terminal: Terminal;
  environment: Readonly<Record<string, string | undefined>>;
  /** The profile in the option `--profile`. */
  profile(): string | undefined;
  /** The API of the platform where the user is logged in. Throws `CliError` if there is no login. */
  api(): PlatformApi;
  /** Prints the result: with `--json` as one JSON document, otherwise as the lines of `lines`. */
  show(data: unknown, lines: () => readonly string[]): void;
  /**
   * Runs an open-ended task until it ends or somebody presses Ctrl-C. In the latter case, `task` then cleans up what it
   * began. Resolves to whether it was interrupted.
   */
  untilInterrupted(task: (interrupted: AbortSignal) => Promise<void>): Promise<boolean>;
};
