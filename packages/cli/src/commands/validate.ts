import type { Diagnostic } from '@toolplane/contracts';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { type DocumentFiles, readDocumentFiles } from '../documents/read-document-files.ts';
import { countDiagnostics, toDiagnosticLines } from '../showing/diagnostics.ts';
import { references } from './option-values.ts';

type Options = { reference: ReadonlyMap<string, string>; online?: true };

export function addValidate(program: Command, context: CommandContext): void {
  const { api, show } = context;
  const validate = program
    .command('validate')
    .summary('list every problem of a document')
    .description(
      'List every problem of a Flower or Arazzo document or a connector. It is read on this machine; nothing is sent.',
    )
    .argument('<document>', 'YAML or JSON')
    .option('--online', 'let the platform do it, which fetches sources from their https URLs');
  validate.addOption(references()).action(async (path: string, { reference, online }: Options) => {
    const document = await readDocumentFiles(path, reference);
    const diagnostics = online ? await validateOnline(api(), document) : await validateHere(document);
    const isValid = diagnostics.every(({ severity }) => severity === 'warning');
    show({ valid: isValid, diagnostics }, () => [
      ...toDiagnosticLines(diagnostics, path, document.files),
      `${isValid ? 'Valid' : 'Not valid'}: ${countDiagnostics(diagnostics)}`,
    ]);
    if (!isValid) throw new CliError(`${path} has problems`);
  });
}

/** A server has the secrets and the hosts, so nothing is said about those. */
const NO_SERVER = { workspaceId: 'unknown', serverId: 'unknown', secretNames: [], allowedHosts: [] };
const ABOUT_SERVERS = new Set(['unknown_secret', 'secret_missing']);

async function validateHere({ definition, references }: DocumentFiles): Promise<Diagnostic[]> {
  const { compileDocument, readConnector } = await import('@toolplane/compiler');
  const { diagnostics } = compileDocument(definition, { ...NO_SERVER, references });
  // A descriptor is registered as it is; only its instances run.
  const isDescriptor = diagnostics.some(({ code }) => code === 'connector_needs_instance');
  const found = isDescriptor ? readConnector(definition).diagnostics : diagnostics;
  return found.filter(({ code }) => !ABOUT_SERVERS.has(code));
}

async function validateOnline(api: ReturnType<CommandContext['api']>, document: DocumentFiles): Promise<Diagnostic[]> {
  const { definition, references } = document;
  const body = { definition, references };
  const { data } = await api<{ diagnostics: Diagnostic[] }>('POST', '/documents/validate', { body });
  return data.diagnostics.filter(({ code }) => !ABOUT_SERVERS.has(code));
}
