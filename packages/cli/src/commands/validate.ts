import type { Diagnostic } from '@toolplane/contracts';
import type { Command } from 'commander';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { compileForServer, noServer } from '../documents/compile-for-server.ts';
import { type DocumentFiles, readDocumentFiles } from '../documents/read-document-files.ts';
import { type Api, diagnosticSchema } from '../platform/api.ts';
import { countDiagnostics, toDiagnosticLines } from '../showing/diagnostics.ts';
import { addExamples } from './examples.ts';
import { references } from './option-values.ts';

type Options = { reference: ReadonlyMap<string, string>; online?: true };
type Validation = {
  diagnostics: Diagnostic[];
  /** Names of those that it needs. Absent: the platform does not tell. */
  secrets?: string[];
};

export function addValidate(program: Command, context: CommandContext): void {
  const { api, show, terminal } = context;
  const validate = program
    .command('validate')
    .summary('list every problem of a document')
    .description(
      'List every problem of a Flower or Arazzo document or a connector. It is read on this machine; nothing is sent.',
    )
    .argument('<document>', 'YAML or JSON; "-" reads it from stdin')
    .option('--online', 'let the platform do it, which fetches sources from their https URLs');
  addExamples(validate, 'toolplane validate tickets.flower.yaml', 'make-document | toolplane validate -');
  validate.addOption(references()).action(async (path: string, { reference, online }: Options) => {
    const document = await readDocumentFiles(path, reference, terminal);
    const { secrets, ...found } = online ? await validateOnline(api(), document) : await validateHere(document);
    const diagnostics = found.diagnostics.filter(({ code }) => !ABOUT_SERVERS.has(code));
    const isValid = diagnostics.every(({ severity }) => severity === 'warning');
    show({ valid: isValid, diagnostics, secrets }, () => [
      ...toDiagnosticLines(diagnostics, document.name, document.files),
      `${isValid ? 'Valid' : 'Not valid'}: ${countDiagnostics(diagnostics)}`,
      ...(secrets === undefined || secrets.length === 0 ? [] : [`Secrets that it needs: ${secrets.join(', ')}`]),
    ]);
    if (!isValid) throw new CliError(`${document.name} has problems`, { code: 'invalid_document' });
  });
}

/** A server has the secrets and the hosts, so nothing is said about those. */
const ABOUT_SERVERS = new Set(['unknown_secret', 'secret_missing']);

async function validateHere(document: DocumentFiles): Promise<Validation> {
  const compiled = await compileForServer(document, noServer);
  // A descriptor is registered as it is; only its instances run.
  const isDescriptor = compiled.diagnostics.some(({ code }) => code === 'connector_needs_instance');
  if (!isDescriptor) return compiled;
  const { readConnector } = await import('@toolplane/compiler');
  return { diagnostics: readConnector(document.definition).diagnostics, secrets: [] };
}

const validationSchema = z.object({ diagnostics: z.array(diagnosticSchema) });

async function validateOnline(api: Api, { definition, references }: DocumentFiles): Promise<Validation> {
  const body = { definition, references };
  return (await api('POST', '/documents/validate', validationSchema, { body })).data;
}
