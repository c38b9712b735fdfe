import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { readFile } from '../documents/read-file.ts';
import { toDiagnosticLines } from '../showing/diagnostics.ts';
import { noteDiagnostics } from '../showing/note-diagnostics.ts';
import { repeated } from './option-values.ts';

type Registered = { slug: string; version: string };
type ImportSettings = { serverUrl?: string; tag?: string[]; operation?: string[]; readOnly?: true; output?: string };

export function addConnectors(program: Command, context: CommandContext): void {
  const connectors = program.command('connectors').description('register connectors, and make them of OpenAPI');
  addRegister(connectors, context);
  addImport(connectors, context);
}

function addRegister(connectors: Command, { api, show, terminal }: CommandContext): void {
  connectors
    .command('register')
    .description('register a version of a connector for the organization')
    .argument('<descriptor>', 'YAML or JSON')
    .action(async (path: string) => {
      const body = { descriptor: readFile(path) };
      const { status, data } = await api()<Registered>('POST', '/connectors', { body }).catch(
        noteDiagnostics(terminal, path),
      );
      show(data, () => [`${status === 201 ? 'Registered' : 'Unchanged'}: ${data.slug} ${data.version}`]);
    });
}

function addImport(connectors: Command, { show, terminal }: CommandContext): void {
  connectors
    .command('import')
    .description('make a descriptor of an OpenAPI document, on this machine')
    .argument('<document>', 'OpenAPI 3.0, 3.1 or 3.2, YAML or JSON')
    .option('--server-url <url>', 'in place of the servers that the document names')
    .addOption(repeated('--tag <tag>', 'only operations with this tag'))
    .addOption(repeated('--operation <operation>', 'only this one: an id, or "GET /path"'))
    .option('--read-only', 'only operations that change nothing')
    .option('-o, --output <file>', 'write it there in place of stdout')
    .action(async (path: string, { tag: tags, operation: operations, output, ...settings }: ImportSettings) => {
      const chosen = { ...(tags === undefined ? {} : { tags }), ...(operations === undefined ? {} : { operations }) };
      const { importOpenApi } = await import('@toolplane/compiler');
      const result = importOpenApi(readFile(path), { ...settings, ...chosen });
      for (const line of toDiagnosticLines(result.diagnostics, path, new Map())) terminal.note(line);
      for (const { operation, reason } of result.skipped) terminal.note(`left out: ${operation}: ${reason}`);
      const { descriptor } = result;
      if (descriptor === undefined) throw new CliError(`${path} gives no connector`);
      if (output !== undefined) writeFileSync(output, descriptor);
      terminal.note(`Imported ${result.imported} operations, left out ${result.skipped.length}`);
      if (output === undefined) show(result, () => [descriptor]);
    });
}
