import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import type { PlatformApi } from './api.ts';
import { parseAnswer } from './parse-answer.ts';
import { ask, readJson } from './send.ts';
import type { McpServer } from './server.ts';

/** The part of `Tool` of MCP that is shown. */
const toolSchema = z.looseObject({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.looseObject({}),
  outputSchema: z.looseObject({}).optional(),
  annotations: z.looseObject({}).optional(),
});
export type McpTool = z.infer<typeof toolSchema>;

/** The result of a tool call, in the form of MCP. */
const toolResultSchema = z.looseObject({
  content: z
    .array(
      z.looseObject({
        type: z.string(),
        text: z.string().optional(),
        mimeType: z.string().optional(),
        data: z.string().optional(),
      }),
    )
    .default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
});
export type McpToolResult = z.infer<typeof toolResultSchema>;

const pageSchema = z.object({ tools: z.array(toolSchema), nextCursor: z.string().optional() });

const refusalSchema = z.object({
  error: z
    .object({ message: z.string(), data: z.object({ code: z.string().optional() }).optional().catch(undefined) })
    .optional(),
});
const answerSchema = refusalSchema.extend({ result: z.unknown().optional() });

/** The error of an endpoint that did not accept a request. */
export function toRefusal(answer: unknown, { status, url }: Response): CliError {
  const { message = `${url} answered ${status}`, data } = parseAnswer(refusalSchema, answer, url).error ?? {};
  return new CliError(message, data?.code === undefined ? {} : { code: data.code });
}

/** More pages than any server has. */
const PAGES_MAX = 100;

/** The MCP endpoint of a server, as used by programs without a session: one request, one answer. Throws `CliError`. */
export function createMcpClient({ url }: McpServer, { login }: PlatformApi) {
  async function request<Result>(method: string, params: object, schema: z.ZodType<Result>): Promise<Result> {
    const response = await ask(url, {
      method: 'POST',
      headers: { 'x-api-key': login.key, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const answer = await readJson(response);
    const { result, error } = parseAnswer(answerSchema, answer, url);
    if (error !== undefined || !response.ok) throw toRefusal(answer, response);
    return parseAnswer(schema, result, url);
  }

  return {
    async listTools(): Promise<McpTool[]> {
      const tools: McpTool[] = [];
      let params = {};
      for (let page = 1; page <= PAGES_MAX; page += 1) {
        const { tools: more, nextCursor } = await request('tools/list', params, pageSchema);
        tools.push(...more);
        if (nextCursor === undefined) return tools;
        params = { cursor: nextCursor };
      }
      throw new CliError(`${url} lists its tools on more than ${PAGES_MAX} pages`, { code: 'too_large' });
    },
    callTool: (name: string, inputs: Record<string, unknown>): Promise<McpToolResult> =>
      request('tools/call', { name, arguments: inputs }, toolResultSchema),
  };
}
