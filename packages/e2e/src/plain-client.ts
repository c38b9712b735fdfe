/* Calls without an MCP library: one POST of JSON-RPC each. */

/** The base URL of an edge, and the API key to call it with. */
type Edge = { mcp: string; apiKey: string };

export async function callPlainly(
  edge: Edge,
  serverId: string,
  name: string,
  callArguments: Record<string, unknown> = {},
  { meta, ...init }: { headers?: Record<string, string>; signal?: AbortSignal; meta?: Record<string, unknown> } = {},
): Promise<PlainAnswer> {
  const params = { name, arguments: callArguments, ...(meta === undefined ? {} : { _meta: meta }) };
  return postMessage(edge, serverId, { method: 'tools/call', params }, init);
}

export type PlainAnswer = {
  status: number;
  result?: {
    isError?: boolean;
    structuredContent: Record<string, unknown>;
    content: { text: string }[];
    tools?: { name: string }[];
  };
  error?: { code: number; message: string };
};

export async function listToolNames(
  edge: Edge,
  serverId: string,
  init: { headers?: Record<string, string> } = {},
): Promise<string[]> {
  const { result } = await postMessage(edge, serverId, { method: 'tools/list' }, init);
  return result?.tools?.map((tool) => tool.name) ?? [];
}

async function postMessage(
  edge: Edge,
  serverId: string,
  message: Record<string, unknown>,
  { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<PlainAnswer> {
  const response = await fetch(`${edge.mcp}/mcp/${serverId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': edge.apiKey, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    ...(signal === undefined ? {} : { signal }),
  });
  return { status: response.status, ...((await response.json()) as Omit<PlainAnswer, 'status'>) };
}
