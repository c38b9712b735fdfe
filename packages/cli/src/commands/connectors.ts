import { writeFileSync } from 'node:fs';
import type { GivenAuthentication } from '@toolplane/compiler';
import type { Command } from 'commander';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { readDocument } from '../documents/read-file.ts';
import { dataOf } from '../platform/api.ts';
import { toDiagnosticLines } from '../showing/diagnostics.ts';
import { noteDiagnostics } from '../showing/note-diagnostics.ts';
import { addConnectorDetails } from './connector-details.ts';
import { addExamples } from './examples.ts';
import { givenAuthentication, repeated } from './option-values.ts';

const registeredSchema = z.looseObject({ slug: z.string(), version: z.string() });
type ImportSettings = {
  serverUrl?: string;
  tag?: string[];
  operation?: string[];
  readOnly?: true;
  authentication?: GivenAuthentication;
  output?: string;
};

export function addConnectors(program: Command, context: CommandContext): void {
  const connectors = program
    .command('connectors')
    .summary('list, register and create connectors')
    .description('List and register connectors, and create them from OpenAPI. Without a subcommand: list them.');
  addConnectorDetails(connectors, context);
  addRegister(connectors, context);
  addImport(connectors, context);
}

function addRegister(connectors: Command, { api, show, terminal }: CommandContext): void {
  connectors
    .command('register')
    .summary('register a version of a connector')
    .description('Register a version of a connector for the organization. Nothing is saved when it has problems.')
    .argument('<descriptor>', 'YAML or JSON; "-" reads it from stdin')
    .action(async (path: string) => {
      const { name, text: descriptor } = await readDocument(path, terminal);
      const sent = api().POST('/connectors', { body: { descriptor } });
      const answer = await sent.catch(noteDiagnostics(terminal, name));
      const data = dataOf(api(), registeredSchema, answer);
      show(data, () => [`${answer.status === 201 ? 'Registered' : 'Unchanged'}: ${data.slug} ${data.version}`]);
    });
}

function addImport(connectors: Command, { show, terminal }: CommandContext): void {
  const command = connectors
    .command('import')
    .summary('create a descriptor from an OpenAPI document')
    .description('Create a descriptor from an OpenAPI document, on this machine, with names that help a model choose.')
    .argument('<document>', 'OpenAPI 3.0, 3.1 or 3.2, YAML or JSON; "-" reads it from stdin')
    .option('--server-url <url>', 'instead of the servers that the document names')
    .addOption(repeated('--tag <tag>', 'only operations with this tag'))
    .addOption(repeated('--operation <operation>', 'only this operation: an id, or "GET /path"'))
    .option('--read-only', 'only operations that change nothing')
    .addOption(givenAuthentication())
    .option('-o, --output <file>', 'write it to this file instead of stdout')
    .action(async (path: string, { tag: tags, operation: operations, output, ...settings }: ImportSettings) => {
      const chosen = { ...(tags === undefined ? {} : { tags }), ...(operations === undefined ? {} : { operations }) };
      const { importOpenApi } = await import('@toolplane/compiler');
      const { name, text } = await readDocument(path, terminal);
      const result = importOpenApi(text, { ...settings, ...chosen });
      for (const line of toDiagnosticLines(result.diagnostics, name, new Map())) terminal.note(line);
      for (const { operation, reason } of result.skipped) terminal.note(`left out: ${operation}: ${reason}`);
      const { descriptor } = result;
      if (descriptor === undefined)
        throw new CliError(`No connector can be created from ${name}`, { code: 'invalid_document' });
      if (output !== undefined) writeFileSync(output, descriptor);
      terminal.note(`Imported ${result.imported} operations, left out ${result.skipped.length}`);
      if (output === undefined) show(result, () => descriptor.trimEnd().split('\n'));
    });
  addExamples(command, 'toolplane connectors import openapi.yaml --read-only -o tickets.json');
}
