import type { Command } from 'commander';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { createMcpClient, type McpToolResult } from '../platform/mcp.ts';
import { getServer } from '../platform/server.ts';
import { addExamples } from './examples.ts';
import { addInputOptions, type InputOptions, readInputs } from './tool-inputs.ts';

export function addRun(program: Command, { api, show }: CommandContext): void {
  const run = program
    .command('run')
    .summary('call a tool, as agents do')
    .description('Call a tool, as agents do, and print its outputs. "toolplane tools" shows its inputs.')
    .argument('<server>', 'name or id')
    .argument('<tool>', 'its name');
  addExamples(
    run,
    'toolplane run trains find_train -i number=7',
    `toolplane run trains find_train --inputs '{"number": 7}'`,
  );
  addInputOptions(run).action(async (server: string, tool: string, options: InputOptions) => {
    const inputs = readInputs(options);
    const result = await createMcpClient(await getServer(api(), server), api()).callTool(tool, inputs);
    show(result, () => (result.isError ? [] : toLines(result)));
    if (result.isError) throw toFailure(result);
  });
}

/** If Toolplane itself reports the failure, the outputs contain its code. */
function toFailure({ content, structuredContent }: McpToolResult): CliError {
  const [message = 'The tool failed', ...details] = toLines({ content });
  const coded = z.object({ code: z.string() }).safeParse(structuredContent);
  return new CliError(message, { code: coded.success ? coded.data.code : 'tool_error', details });
}

/** The declared outputs as JSON. For a tool without them, its texts, and the type and size of other content. */
function toLines({ structuredContent, content }: McpToolResult): string[] {
  if (structuredContent !== undefined) return JSON.stringify(structuredContent, null, 2).split('\n');
  return content.flatMap(({ type, text, mimeType, data }) =>
    text === undefined
      ? [`[${[type, mimeType].filter(Boolean).join(' ')}, ${data?.length ?? 0} characters of base64]`]
      : text.split('\n'),
  );
}
