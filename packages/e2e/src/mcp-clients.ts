import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const clientInfo = { name: 'toolplane-e2e', version: '1.0.0' };

/** What the tests need of a client, whatever its protocol era. */
export type McpClient = AsyncDisposable & {
  listTools(): Promise<{ name: string; description?: string | undefined; inputSchema: unknown }[]>;
  callTool(name: string, callArguments: Record<string, unknown>): Promise<ToolAnswer>;
};

export type ToolAnswer = {
  isError?: boolean;
  content: { type: string; text: string }[];
  structuredContent: Record<string, unknown>;
};

/** The client of the SDK's v2 packages, held to protocol 2026-07-28. */
export async function connectModern(url: string, apiKey: string): Promise<McpClient> {
  const client = new ModernClient(clientInfo, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new ModernTransport(new URL(url), { requestInit: { headers: { 'x-api-key': apiKey } } }));
  return {
    listTools: async () => (await client.listTools()).tools,
    callTool: async (name, callArguments) =>
      (await client.callTool({ name, arguments: callArguments })) as unknown as ToolAnswer,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** The client of the SDK's v1 package: protocol 2025-11-25 with `initialize`. */
export async function connectLegacy(url: string, apiKey: string): Promise<McpClient> {
  const client = new LegacyClient(clientInfo);
  const transport = new LegacyTransport(new URL(url), { requestInit: { headers: { 'x-api-key': apiKey } } });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return {
    listTools: async () => (await client.listTools()).tools,
    callTool: async (name, callArguments) =>
      (await client.callTool({ name, arguments: callArguments })) as unknown as ToolAnswer,
    [Symbol.asyncDispose]: () => client.close(),
  };
}
