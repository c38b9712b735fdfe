import { type JsonRpcAnswer, modern, type TestEdge } from './test-edge.ts';

export type ModernOptions = {
  /** The URL of another replica. */
  url?: string;
  key?: string;
  capabilities?: object;
  meta?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};
export type ModernAnswer = { status: number; result: JsonRpcAnswer; error: JsonRpcAnswer };

export const canAll = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
export const knowsTasks = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

/** Sends one request of protocol 2026-07-28, with the headers that belong to it. */
export async function ask(
  edge: TestEdge,
  method: string,
  params: Record<string, unknown>,
  { url = edge.url, key = edge.key, capabilities = {}, meta = {}, headers = {}, signal }: ModernOptions = {},
): Promise<ModernAnswer> {
  const name = (params['name'] ?? params['uri'] ?? params['taskId']) as string | undefined;
  const capabilitiesMeta = { 'io.modelcontextprotocol/clientCapabilities': capabilities };
  const _meta = { ...modern.meta, ...capabilitiesMeta, ...meta };
  const response = await fetch(`${url}/mcp/${edge.serverId}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': key,
      ...modern.headers(method, name),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
    ...(signal === undefined ? {} : { signal }),
  });
  const { result, error } = (await response.json()) as JsonRpcAnswer;
  return { status: response.status, result, error };
}
