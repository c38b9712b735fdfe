import type { Diagnostic } from '@toolplane/contracts';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { readDocumentFiles } from '../documents/read-document-files.ts';
import { type Api, pathTo } from '../platform/api.ts';
import { ApiError } from '../platform/api-error.ts';
import { countDiagnostics, toDiagnosticLines } from '../showing/diagnostics.ts';
import type { Deployment } from './deployments.ts';
import { references } from './option-values.ts';

type Validation = { valid: boolean; diagnostics: Diagnostic[] };
type Deployed = Deployment & { diagnostics: Diagnostic[] };

type Options = { reference: ReadonlyMap<string, string>; create?: true };

export function addDeploy(program: Command, context: CommandContext): void {
  const { api, show, terminal } = context;
  const deploy = program
    .command('deploy')
    .summary('put a document into effect at a server')
    .description('Put a document into effect at a server. What runs stays when the document has problems.')
    .argument('<server>', 'name or id')
    .argument('<document>', 'a Flower or Arazzo document, YAML or JSON')
    .option('--create', 'make the server, in mode NORMAL, when there is none of that name');
  deploy.addOption(references()).action(async (server: string, path: string, { reference, create }: Options) => {
    const { definition, references, files } = await readDocumentFiles(path, reference);
    const body = { definition, references };
    const toLines = (found: readonly Diagnostic[]) => toDiagnosticLines(found, path, files);
    const refuse = (found: readonly Diagnostic[]): never => {
      show({ deployed: false, diagnostics: found }, () => [...toLines(found), countDiagnostics(found)]);
      throw new CliError(`${path} has problems; nothing was deployed`);
    };
    if (create && !(await hasServer(api(), server))) {
      // No server is left behind for a document that it cannot run.
      const { data } = await api()<Validation>('POST', '/documents/validate', { body });
      if (!data.valid) refuse(data.diagnostics);
      await api()('POST', '/mcp-servers', { body: { name: server, mode: 'NORMAL' } });
    }
    const answer = await api()<Deployed>('POST', `${pathTo('mcp-servers', server)}/deploy`, { body }).catch(
      (error: unknown) => {
        if (error instanceof ApiError && error.diagnostics.length > 0) return refuse(error.diagnostics);
        throw error;
      },
    );
    if (answer.status === 204) {
      show({ deployed: false, diagnostics: [] }, () => ['Unchanged: this is what runs already']);
      return;
    }
    const { diagnostics, ...deployment } = answer.data;
    for (const line of toLines(diagnostics)) terminal.note(line);
    show({ deployed: true, ...deployment, diagnostics }, () => [`Deployed: ${deployment.id}`]);
  });
}

async function hasServer(api: Api, server: string): Promise<boolean> {
  try {
    await api('GET', pathTo('mcp-servers', server));
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
