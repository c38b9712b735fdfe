import type { Diagnostic } from '@toolplane/contracts';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { compileDocument } from '../documents/compile-document.ts';
import { type DocumentFiles, readDocumentFiles } from '../documents/read-document-files.ts';
import { validateDocument } from '../platform/validate-document.ts';
import { countDiagnostics, toDiagnosticLines } from '../showing/diagnostics.ts';
import { addExamples } from './examples.ts';
import { references } from './option-values.ts';

type Options = { reference: ReadonlyMap<string, string>; online?: true; server?: string };
type Validation = {
  diagnostics: Diagnostic[];
  /** The names of the required secrets. Absent if the platform does not list them. */
  secrets?: string[];
};

export function addValidate(program: Command, context: CommandContext): void {
  const { api, show, terminal } = context;
  const validate = program
    .command('validate')
    .summary('list all problems of a document')
    .description(
      'List all problems of a Flower or Arazzo document or a connector. The document is checked on this machine; nothing is sent.',
    )
    .argument('<document>', 'YAML or JSON; "-" reads it from stdin')
    .option('--online', 'let the platform check it, which fetches sources from their https URLs')
    .addOption(
      new Option('--server <server>', 'also report everything that deploying it to this server would report').implies({
        online: true,
      }),
    );
  addExamples(
    validate,
    'toolplane validate tickets.flower.yaml',
    'toolplane validate --server tickets tickets.flower.yaml',
    'make-document | toolplane validate -',
  );
  validate.addOption(references()).action(async (path: string, { reference, online, server }: Options) => {
    const document = await readDocumentFiles(path, reference, terminal);
    const { secrets, ...found }: Validation = online
      ? await validateDocument(api(), document, server)
      : await validateHere(document);
    const diagnostics = found.diagnostics.filter(({ code }) => server !== undefined || !ABOUT_SERVERS.has(code));
    const isValid = diagnostics.every(({ severity }) => severity === 'warning');
    show({ valid: isValid, diagnostics, secrets }, () => [
      ...toDiagnosticLines(diagnostics, document.name, document.files),
      `${isValid ? 'Valid' : 'Not valid'}: ${countDiagnostics(diagnostics)}`,
      ...(secrets === undefined || secrets.length === 0 ? [] : [`Required secrets: ${secrets.join(', ')}`]),
    ]);
    if (!isValid) throw new CliError(`${document.name} has problems`, { code: 'invalid_document' });
  });
}

/** Secrets belong to a server, so without a server, problems with secrets are not reported. */
const ABOUT_SERVERS = new Set(['unknown_secret', 'secret_missing']);

async function validateHere(document: DocumentFiles): Promise<Validation> {
  const compiled = await compileDocument(document);
  // A descriptor is registered without an instance. Only running it requires one.
  const isDescriptor = compiled.diagnostics.some(({ code }) => code === 'connector_needs_instance');
  if (!isDescriptor) return compiled;
  const { readConnector } = await import('@toolplane/compiler');
  return { diagnostics: readConnector(document.definition).diagnostics, secrets: [] };
}
