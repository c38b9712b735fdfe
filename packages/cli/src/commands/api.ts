import { Argument, type Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { noteDiagnostics } from '../showing/note-diagnostics.ts';
import { addExamples } from './examples.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export function addApi(program: Command, { api, show, terminal }: CommandContext): void {
  const command = program
    .command('api')
    .summary('send any request to the REST API')
    .description('Send a request to the REST API and print its answer, for everything without its own command.')
    .addArgument(new Argument('<method>').choices(METHODS))
    .argument('<path>', 'below /api/v1, such as "/api-keys?limit=5"')
    .option('--body <json>', 'the body to send; "-" reads it from stdin')
    .action(async (method: string, path: string, { body }: { body?: string }) => {
      if (!path.startsWith('/')) throw new CliError('The path must begin with "/"');
      if (body !== undefined && method === 'GET') throw new CliError('A GET cannot have a body');
      const text = body === '-' ? await terminal.readInput() : body;
      const below = path.replace(/^\/api\/v1\//, '/');
      const sent = api().send(method, below, text === undefined ? undefined : parse(text));
      const { status, body: answer } = await sent.catch(noteDiagnostics(terminal, 'document'));
      if (status === 204) return;
      show(answer, () => JSON.stringify(answer, null, 2).split('\n'));
    });
  addExamples(command, "toolplane api GET '/api-keys?limit=5'", `toolplane api POST /agents --body '{"name": "desk"}'`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError('--body is not valid JSON');
  }
}
