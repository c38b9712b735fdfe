import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export const clientInfo = { name: 'toolplane-e2e', version: '1.0.0' };

/** The operations that tests need from a client of any protocol era. */
export type McpClient = AsyncDisposable & {
  listTools(): Promise<{ name: string; description?: string | undefined; inputSchema: unknown }[]>;
  callTool(name: string, callArguments: Record<string, unknown>): Promise<ToolAnswer>;
};

export type ToolAnswer = {
  isError?: boolean;
  content: { type: string; text: string }[];
  structuredContent: Record<string, unknown>;
};

export type Connect = (url: string, apiKey: string) => Promise<McpClient>;

/** The client of the SDK's v2 packages, pinned to protocol 2026-07-28. */
export const connectModern: Connect = (url, apiKey) => connectV2(url, apiKey, { pin: '2026-07-28' });

/** The same client with version negotiation: it finds out which version the server supports. */
export const connectNegotiating: Connect = (url, apiKey) => connectV2(url, apiKey, 'auto');

/** The same client, which uses `initialize` as if it supported nothing newer. */
export const connectV2Legacy: Connect = (url, apiKey) => connectV2(url, apiKey, 'legacy');

type Negotiation = 'auto' | 'legacy' | { pin: string };

async function connectV2(url: string, apiKey: string, mode: Negotiation): Promise<McpClient> {
  return toMcpClient(await openV2(url, apiKey, mode));
}

/** Opens the v2 client itself, with all capabilities of the SDK. */
export async function openV2(url: string, apiKey: string, mode: Negotiation): Promise<ModernClient> {
  const client = new ModernClient(clientInfo, { versionNegotiation: { mode } });
  await client.connect(new ModernTransport(new URL(url), { requestInit: { headers: { 'x-api-key': apiKey } } }));
  return client;
}

/** The client of the SDK's v1 package: protocol 2025-11-25 with `initialize`. */
export const connectLegacy: Connect = (url, apiKey) =>
  connectV1(new LegacyTransport(new URL(url), { requestInit: { headers: { 'x-api-key': apiKey } } }));

/** The same client over HTTP+SSE of 2024-11-05, at the URL of the endpoint itself. */
export const connectLegacySse: Connect = (url, apiKey) =>
  connectV1(new SSEClientTransport(new URL(url), { requestInit: { headers: { 'x-api-key': apiKey } } }));

async function connectV1(transport: LegacyTransport | SSEClientTransport): Promise<McpClient> {
  const client = new LegacyClient(clientInfo);
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return toMcpClient(client);
}

/** Wraps a client of either SDK; both SDKs use the same names for these methods. */
export function toMcpClient(client: ModernClient | LegacyClient): McpClient {
  return {
    listTools: async () => (await client.listTools()).tools,
    callTool: async (name, callArguments) =>
      (await client.callTool({ name, arguments: callArguments })) as unknown as ToolAnswer,
    [Symbol.asyncDispose]: () => client.close(),
  };
}
