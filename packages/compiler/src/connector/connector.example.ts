import { readFileSync } from 'node:fs';
import type { Diagnostic } from '@toolplane/contracts';
import { stringify } from 'yaml';
import { compileDocument } from '../compile-document.ts';
import type { CompiledTool, CompileOptions, ConnectorTarget } from '../compiled-document.ts';
import type { ConnectorInput } from './descriptor/connector-schema.ts';

export const ticketSystem = readFileSync(
  new URL('../../testdata/ticket-system.connector.yaml', import.meta.url),
  'utf8',
);

/** Returns the descriptor of the ticket system with a change in one place. */
export function edited(from: string, to: string, text = ticketSystem): string {
  if (!text.includes(from)) throw new Error(`The descriptor has no ${from}`);
  return text.replace(from, () => to);
}

const MARK = '§';

/** Returns a text without its marks, and the position of each mark. */
export function takeMarks(marked: string): { text: string; places: string[] } {
  const [first = '', ...others] = marked.split(MARK);
  let text = first;
  const places = others.map((rest) => {
    const lines = text.split('\n');
    text += rest;
    return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
  });
  return { text, places };
}

export function toLine({ line, column, code }: Diagnostic): string {
  return `${line}:${column} ${code}`;
}

export type OperationInput = NonNullable<ConnectorInput['operations']>[number];

/** Returns a connector whose only operation is the tool `call`. */
export function exampleConnector(
  operation: Partial<OperationInput>,
  rest: Partial<ConnectorInput> = {},
  parameterMappings: Record<string, string> = {},
): ConnectorInput {
  return {
    metadata: { name: 'Example', slug: 'example', description: 'An example of a connector', publisher: 'Toolplane' },
    operations: [{ operation_id: 'call', endpoint: 'https://api.example.com/v1', method: 'GET', ...operation }],
    mcp_config: {
      enabled: true,
      server_name: 'example',
      server_description: 'An example',
      route_mappings: [
        {
          operation_id: 'call',
          mcp_tool_name: 'call',
          mcp_tool_description: 'Calls the example and returns what it says',
          parameter_mappings: parameterMappings,
        },
      ],
    },
    ...rest,
  };
}

export function compileExample(
  connector: ConnectorInput,
  target: Partial<ConnectorTarget> = {},
): ReturnType<typeof compileDocument> {
  return compileDocument(stringify(connector), exampleOptions(target));
}

export function exampleOptions(target: Partial<ConnectorTarget> = {}): CompileOptions {
  return {
    workspaceId: 'w',
    serverId: 's',
    secretNames: [],
    allowedHosts: [],
    connector: { ownerId: 'w', instanceId: 'i', authentication: 'none', configuration: {}, ...target },
  };
}

/** Throws an error with the diagnostics if the connector cannot be compiled. */
export function compileTool(connector: ConnectorInput, target: Partial<ConnectorTarget> = {}): CompiledTool {
  const { diagnostics, document } = compileExample(connector, target);
  const [tool] = document?.tools ?? [];
  if (tool === undefined) throw new Error(JSON.stringify(diagnostics));
  return tool;
}
