import { Command, CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import type { CommandContext } from './command-context.ts';
import { addApi } from './commands/api.ts';
import { addCompletion } from './commands/completion.ts';
import { addConnectors } from './commands/connectors.ts';
import { addCredentials } from './commands/credentials.ts';
import { addDebug } from './commands/debug.ts';
import { addDeploy } from './commands/deploy.ts';
import { addDeployments } from './commands/deployments.ts';
import { addLogin } from './commands/login.ts';
import { addLogs } from './commands/logs.ts';
import { addRun } from './commands/run.ts';
import { addSeal } from './commands/seal.ts';
import { addSecrets } from './commands/secrets.ts';
import { addServers } from './commands/servers.ts';
import { addTools } from './commands/tools.ts';
import { addValidate } from './commands/validate.ts';
import { addWhoami } from './commands/whoami.ts';
import { createApi, type PlatformApi } from './platform/api.ts';
import { readLogin } from './platform/login.ts';
import type { Terminal } from './terminal.ts';
import { toVersion } from './version.ts';

type Surroundings = { terminal: Terminal; environment: CommandContext['environment'] };

const HELP = `
TOOLPLANE_API and TOOLPLANE_API_KEY replace "toolplane login", as in pipelines; TOOLPLANE_PROFILE replaces --profile.
Exit codes: 0; 1 when something is refused or a document has problems; 2 for wrong usage.`;

/** In the order of `toolplane --help`. */
const groups = {
  'Platforms:': [addLogin, addWhoami],
  'Servers and their documents:': [addServers, addValidate, addDeploy, addDeployments, addSecrets],
  'Tools:': [addTools, addRun, addDebug, addLogs],
  'Connectors:': [addConnectors, addCredentials],
  'Anything else:': [addSeal, addApi, addCompletion],
};

const NODE_MIN = 22;
const FAILED = 1;
const WRONG_USAGE = 2;

/** Returns the exit code. Errors have already been printed. */
export async function runProgram(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    const [major] = process.versions.node.split('.');
    if (Number(major) < NODE_MIN)
      throw new CliError(`Node ${NODE_MIN} or newer is required, this is ${process.version}`);
    await createProgram(surroundings).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has already printed what is wrong. A request for help is not an error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    surroundings.terminal.fail(error);
    return FAILED;
  }
}

/** `toolplane` with all of its commands. Rejects with `CliError`, or with `CommanderError` for wrong usage. */
export function createProgram({ terminal, environment }: Surroundings): Command {
  const program = new Command('toolplane')
    .description('Declare tools for agents and run them on Toolplane.')
    .version(toVersion(), '-V, --version', 'print the version of this tool')
    .option('--json', 'print JSON, for programs')
    .option('--profile <name>', 'use the login of this name')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', HELP)
    .configureOutput({
      writeOut: (text) => printLines(terminal.print, text),
      writeErr: (text) => printLines(terminal.note, text),
      outputError: (text) => terminal.fail(toWrongUsage(text)),
    })
    .exitOverride();
  // Then problems with the rest of the command line are also reported as JSON.
  program.on('option:json', () => terminal.speakJson());
  const profile = () => program.opts<{ profile?: string }>().profile;
  let made: PlatformApi | undefined;
  const context: CommandContext = {
    terminal,
    environment,
    profile,
    untilInterrupted,
    api: () => {
      made ??= createApi(readLogin(environment, profile()));
      return made;
    },
    show(data, lines) {
      if (terminal.speaksJson) terminal.print(JSON.stringify(data));
      else for (const line of lines()) terminal.print(line);
    },
  };
  for (const [heading, commands] of Object.entries(groups)) {
    program.commandsGroup(heading);
    for (const addCommand of commands) addCommand(program, context);
  }
  return program.helpCommand('help [command]', 'print the help of a command');
}

function printLines(print: (line: string) => void, text: string): void {
  for (const line of text.trimEnd().split('\n')) print(line);
}

/** A suggestion is printed on its own line. */
function toWrongUsage(text: string): CliError {
  const [message = '', ...details] = text.trim().split('\n');
  return new CliError(message.replace(/^error: /, ''), { code: 'wrong_usage', details });
}

async function untilInterrupted(task: (interrupted: AbortSignal) => Promise<void>): Promise<boolean> {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  // A second Ctrl-C ends the process as usual.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  try {
    await task(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted || (error as Error).name !== 'AbortError') throw error;
  } finally {
    for (const signal of signals) process.removeListener(signal, interrupt);
  }
  return controller.signal.aborted;
}
