import { CliError } from '../cli-error.ts';
import { ask, readJson } from './send.ts';

/** As much of `Tool` of MCP as is shown. */
export type Tool = { name: string; description?: string };

/** What a call of a tool came to, as MCP has it. */
export type ToolResult = {
  content?: { type: string; text?: string; mimeType?: string; data?: string }[];
  structuredContent?: unknown;
  isError?: boolean;
};

type Answer = { result?: unknown; error?: { code: number; message: string } };

/** An MCP endpoint, as programs without a session use it: a request, an answer. Throws `CliError`. */
export function createMcpClient(url: string, key: string) {
  async function request<Result>(method: string, params: object): Promise<Result> {
    const response = await ask(url, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = await readJson<Answer>(response);
    if (result !== undefined) return result as Result;
    throw new CliError(error?.message ?? `${url} answered ${response.status}`);
  }

  return {
    async listTools(): Promise<Tool[]> {
      const tools: Tool[] = [];
      let cursor: string | undefined;
      do {
        const params = cursor === undefined ? {} : { cursor };
        const page = await request<{ tools: Tool[]; nextCursor?: string }>('tools/list', params);
        tools.push(...page.tools);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return tools;
    },
    callTool: (name: string, inputs: Record<string, unknown>): Promise<ToolResult> =>
      request('tools/call', { name, arguments: inputs }),
  };
}
