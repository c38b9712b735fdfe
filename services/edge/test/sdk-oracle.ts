import {
  classifyInboundRequest,
  createMcpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { JsonRpcAnswer } from './test-edge.ts';

/** Returns the official SDK's answer to a request: the reference for what the edge writes by hand. */
export type SdkOracle = {
  answer(
    body: unknown,
    headers: Record<string, string>,
  ): Promise<{ status: number; type: string | null; body: JsonRpcAnswer }>;
};

export type OracleServer = {
  serverInfo: { name: string; version: string; title?: string };
  instructions?: string;
  capabilities: object;
  tools: object[];
  ttlMs: number;
  /** Returns the `CallToolResult` of every call. */
  callTool: () => object;
};

export function createSdkOracle(described: OracleServer): SdkOracle {
  function createServer(): Server {
    const cacheHint = { ttlMs: described.ttlMs, cacheScope: 'private' } as const;
    const server = new Server(described.serverInfo, {
      capabilities: described.capabilities,
      ...(described.instructions === undefined ? {} : { instructions: described.instructions }),
      cacheHints: { 'tools/list': cacheHint, 'server/discover': cacheHint },
    });
    server.setRequestHandler('tools/list', ({ params }) => {
      if (params?.cursor !== undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Unknown cursor');
      return { tools: described.tools } as never;
    });
    server.setRequestHandler('tools/call', ({ params }) => {
      const isKnown = described.tools.some((tool) => (tool as { name: string }).name === params.name);
      if (!isKnown) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Unknown tool');
      return described.callTool() as never;
    });
    return server;
  }

  async function answerLegacy(request: Request, parsedBody: unknown): Promise<Response> {
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await createServer().connect(transport);
    return transport.handleRequest(request, { parsedBody });
  }

  return {
    async answer(body, headers) {
      const request = new Request('http://edge/mcp', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
      });
      const version = headers['mcp-protocol-version'];
      const method = headers['mcp-method'];
      const route = classifyInboundRequest({
        httpMethod: 'POST',
        body,
        ...(version === undefined ? {} : { protocolVersionHeader: version }),
        ...(method === undefined ? {} : { mcpMethodHeader: method }),
      });
      const response =
        route.kind === 'legacy'
          ? await answerLegacy(request, body)
          : await createMcpHandler(createServer, { legacy: 'reject' }).fetch(request, { parsedBody: body });
      const text = await response.text();
      const type = response.headers.get('content-type');
      return { status: response.status, type, body: text === '' ? undefined : JSON.parse(text) };
    },
  };
}
