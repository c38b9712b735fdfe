import type { TestPlatform } from './platform.ts';

type Asked = {
  method: string;
  /** The subject of the request: the name of a tool or a prompt, the URI of a resource, or the id of a task. */
  name: string;
  params: Record<string, unknown>;
  capabilities?: object;
  headers?: Record<string, string>;
};

/** Sends one request of protocol 2026-07-28 without a library, as a client that supports tasks. */
export async function askModern(
  { mcp, apiKey }: Pick<TestPlatform, 'mcp' | 'apiKey'>,
  serverId: string,
  { method, name, params, capabilities = {}, headers = {} }: Asked,
): Promise<{ result: Record<string, unknown> }> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {
      ...capabilities,
      extensions: { 'io.modelcontextprotocol/tasks': {} },
    },
  };
  const response = await fetch(`${mcp}/mcp/${serverId}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': apiKey,
      'mcp-protocol-version': '2026-07-28',
      accept: 'application/json, text/event-stream',
      'mcp-method': method,
      'mcp-name': name,
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
  });
  return (await response.json()) as { result: Record<string, unknown> };
}
