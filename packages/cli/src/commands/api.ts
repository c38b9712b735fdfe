import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { ApiError } from '../platform/api-error.ts';
import { toDiagnosticLines } from '../showing/diagnostics.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export function addApi(program: Command, { api, terminal }: CommandContext): void {
  program
    .command('api')
    .summary('send any request to the REST API')
    .description('Send a request to the REST API and print its answer: for all that has no command of its own.')
    .argument('<method>', METHODS.join(', '))
    .argument('<path>', 'below /api/v1, such as "/api-keys?limit=5"')
    .option('--body <json>', 'what is sent; "-" reads it from stdin')
    .action(async (method: string, path: string, { body }: { body?: string }) => {
      if (!METHODS.includes(method.toUpperCase())) throw new CliError(`${method} is none of ${METHODS.join(', ')}`);
      if (body !== undefined && method.toUpperCase() === 'GET') throw new CliError('A GET has no body');
      if (!path.startsWith('/')) throw new CliError('The path begins with "/"');
      const text = body === '-' ? await terminal.readInput() : body;
      const request = text === undefined ? {} : { body: parse(text) };
      const { status, ...answer } = await api()
        .send<object>(method.toUpperCase(), path.replace(/^\/api\/v1\//, '/'), request)
        .catch((error: unknown) => {
          const found = error instanceof ApiError ? error.diagnostics : [];
          for (const line of toDiagnosticLines(found, 'document', new Map())) terminal.note(line);
          throw error;
        });
      if (status !== 204) terminal.print(JSON.stringify(answer, null, 2));
    });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError('--body is no JSON');
  }
}
