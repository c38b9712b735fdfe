import { createMCPClient } from '@ai-sdk/mcp';
import { MCPServerStreamableHttp } from '@openai/agents';
import type { Connect, McpClient, ToolAnswer } from './mcp-clients.ts';

/* The MCP clients of agent frameworks. */

export const connectAiSdk: Connect = (url, apiKey) => connectAiSdkOver('http', url, apiKey);

/**
 * This client names a protocol version in its first GET, so only the SSE URL shows the edge which transport it uses.
 */
export const connectAiSdkSse: Connect = (url, apiKey) => connectAiSdkOver('sse', `${url}/sse`, apiKey);

async function connectAiSdkOver(type: 'http' | 'sse', url: string, apiKey: string): Promise<McpClient> {
  const client = await createMCPClient({ transport: { type, url, headers: { 'x-api-key': apiKey } } });
  return {
    listTools: async () => (await client.listTools()).tools,
    callTool: async (name, callArguments) =>
      (await client.callTool({ name, arguments: callArguments })) as unknown as ToolAnswer,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

export const connectOpenAiAgents: Connect = async (url, apiKey) => {
  const server = new MCPServerStreamableHttp({ url, requestInit: { headers: { 'x-api-key': apiKey } } });
  await server.connect();
  return {
    listTools: () => server.listTools(),
    callTool: async (name, callArguments) =>
      (await server.callToolResult(name, callArguments)) as unknown as ToolAnswer,
    [Symbol.asyncDispose]: () => server.close(),
  };
};
