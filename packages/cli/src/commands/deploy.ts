import type { Diagnostic } from '@toolplane/contracts';
import type { Command } from 'commander';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { type DocumentFiles, readDocumentFiles } from '../documents/read-document-files.ts';
import { dataOf, diagnosticSchema, type PlatformApi } from '../platform/api.ts';
import { ApiError } from '../platform/api-error.ts';
import { getServer } from '../platform/server.ts';
import { validateDocument } from '../platform/validate-document.ts';
import { countDiagnostics, toDiagnosticLines } from '../showing/diagnostics.ts';
import { deploymentSchema } from './deployments.ts';
import { addExamples } from './examples.ts';
import { references } from './option-values.ts';

/** Absent if this document is already running. */
const deployedSchema = deploymentSchema.extend({ diagnostics: z.array(diagnosticSchema) }).optional();

type Options = { reference: ReadonlyMap<string, string>; create?: true };

export function addDeploy(program: Command, context: CommandContext): void {
  const { api, show, terminal } = context;
  const deploy = program
    .command('deploy')
    .summary('deploy a document to a server')
    .description('Deploy a document to a server. If the document has problems, the current deployment keeps running.')
    .argument('<server>', 'name or id')
    .argument('<document>', 'a Flower or Arazzo document, YAML or JSON; "-" reads it from stdin')
    .option('--create', 'create the server, in mode NORMAL, if there is none with this name');
  addExamples(deploy, 'toolplane deploy tickets tickets.flower.yaml', 'make-document | toolplane deploy tickets -');
  deploy.addOption(references()).action(async (server: string, path: string, { reference, create }: Options) => {
    const document = await readDocumentFiles(path, reference, terminal);
    const toLines = (found: readonly Diagnostic[]) => toDiagnosticLines(found, document.name, document.files);
    try {
      if (create && (await createUnlessThere(api(), server, document))) {
        terminal.note(`Created: ${server}, in mode NORMAL`);
      }
      const { deployed, diagnostics, ...deployment } = await deployTo(api(), server, document);
      for (const line of toLines(diagnostics)) terminal.note(line);
      show({ deployed, ...deployment, diagnostics }, () => [
        deployed ? `Deployed: ${deployment.id}` : 'Unchanged: this is already running',
      ]);
    } catch (error) {
      const found = error instanceof ApiError ? error.diagnostics : [];
      if (found.length === 0) throw error;
      show({ deployed: false, diagnostics: found }, () => [...toLines(found), countDiagnostics(found)]);
      throw new CliError(`${document.name} has problems; nothing was deployed`, { code: 'invalid_document' });
    }
  });
}

type Deployed = { deployed: boolean; diagnostics: Diagnostic[]; id?: string };

async function deployTo(api: PlatformApi, server: string, document: DocumentFiles): Promise<Deployed> {
  const { definition, references } = document;
  const request = { params: { path: { id: server } }, body: { definition, references } };
  const data = dataOf(api, deployedSchema, await api.POST('/mcp-servers/{id}/deploy', request));
  if (data !== undefined) return { deployed: true, ...data };
  // The problems are unchanged, but a person who deploys the document again may be looking for them.
  return { deployed: false, diagnostics: (await validateDocument(api, document, server)).diagnostics };
}

/** Returns whether it created the server. A document with problems does not leave a new server behind. */
async function createUnlessThere(api: PlatformApi, name: string, document: DocumentFiles): Promise<boolean> {
  if (await hasServer(api, name)) return false;
  const { valid, diagnostics } = await validateDocument(api, document);
  if (!valid) {
    throw new ApiError('The document has problems', {
      status: 422,
      code: 'invalid_document',
      violations: [],
      diagnostics,
    });
  }
  await api.POST('/mcp-servers', { body: { name, mode: 'NORMAL' } });
  return true;
}

async function hasServer(api: PlatformApi, server: string): Promise<boolean> {
  try {
    await getServer(api, server);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
