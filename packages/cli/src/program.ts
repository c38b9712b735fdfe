import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addApi } from './commands/api.ts';
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
import { addValidate } from './commands/validate.ts';
import { type Api, createApi } from './platform/api.ts';
import { readLogin } from './platform/login.ts';
import type { Terminal } from './terminal.ts';

type Surroundings = { terminal: Terminal; environment: CommandContext['environment'] };

const HELP = `
TOOLPLANE_API and TOOLPLANE_API_KEY stand in for "toolplane login", as in pipelines.
Exit codes: 0; 1 when something is refused or a document has problems; 2 for wrong usage.`;

/** `toolplane` with all of its commands. Rejects with `CliError`, or with `CommanderError` for wrong usage. */
export function createProgram({ terminal, environment }: Surroundings): Command {
  const program = new Command('toolplane')
    .description('Declare tools for agents and run them on Toolplane.')
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', HELP)
    .exitOverride();
  let made: Api | undefined;
  const context: CommandContext = {
    ...{ terminal, environment, untilInterrupted },
    api: () => {
      made ??= createApi(readLogin(environment));
      return made;
    },
    show(data, lines) {
      if (program.opts<{ json?: true }>().json) terminal.print(JSON.stringify(data));
      else for (const line of lines()) terminal.print(line);
    },
  };
  addLogin(program, context);
  addServers(program, context);
  addValidate(program, context);
  addDeploy(program, context);
  addDeployments(program, context);
  addSecrets(program, context);
  addRun(program, context);
  addDebug(program, context);
  addLogs(program, context);
  addConnectors(program, context);
  addCredentials(program, context);
  addSeal(program, context);
  addApi(program, context);
  return program;
}

async function untilInterrupted(task: (interrupted: AbortSignal) => Promise<void>): Promise<boolean> {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  // A second Ctrl-C ends the process as ever.
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
