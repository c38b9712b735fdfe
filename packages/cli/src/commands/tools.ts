import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { createMcpClient, type McpTool } from '../platform/mcp.ts';
import { getServer } from '../platform/server.ts';
import { toSchemaLines } from '../showing/schema-lines.ts';
import { shorten } from '../showing/shorten.ts';
import { toTable } from '../showing/table.ts';
import { addExamples } from './examples.ts';

export function addTools(program: Command, { api, show }: CommandContext): void {
  const tools = program
    .command('tools')
    .summary('list the tools of a server, or show one')
    .description(
      'List the tools of a server as agents see them, or show one tool in full, with its inputs and outputs.',
    )
    .argument('<server>', 'name or id')
    .argument('[tool]', 'its name')
    .action(async (server: string, name: string | undefined) => {
      const found = await createMcpClient(await getServer(api(), server), api()).listTools();
      if (name !== undefined) {
        const tool = getTool(found, name);
        show(tool, () => toLines(tool));
        return;
      }
      const rows = found.map((tool) => [tool.name, shorten(tool.description ?? '')]);
      show(found, () => toTable(['TOOL', 'DESCRIPTION'], rows));
    });
  addExamples(tools, 'toolplane tools trains', 'toolplane tools trains find_train');
}

function getTool(tools: readonly McpTool[], name: string): McpTool {
  const tool = tools.find((each) => each.name === name);
  if (tool !== undefined) return tool;
  const there = tools.map((each) => each.name).join(', ');
  throw new CliError(`There is no tool "${name}" for this key`, {
    code: 'not_found',
    details: there === '' ? [] : [`Available: ${there}`],
  });
}

function toLines({ name, title, description, inputSchema, outputSchema, annotations = {} }: McpTool): string[] {
  const hints = Object.entries(annotations).filter(([, value]) => typeof value === 'boolean');
  return [
    title === undefined ? name : `${name} (${title})`,
    ...indent(description?.trim().split('\n') ?? []),
    ...toPart('Inputs', toSchemaLines(inputSchema)),
    ...toPart('Outputs', outputSchema === undefined ? [] : toSchemaLines(outputSchema)),
    ...toPart(
      'Annotations',
      hints.map(([hint, value]) => `${hint}: ${value}`),
    ),
  ];
}

function toPart(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${heading}:`, ...indent(lines)];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`.trimEnd());
}
