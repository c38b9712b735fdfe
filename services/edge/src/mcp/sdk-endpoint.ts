import {
  type CallToolResult,
  classifyInboundRequest,
  createMcpHandler,
  type McpHttpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { HostedServer, HostedTool } from '../manifests/hosted-server.ts';
import { MessageError } from '../transports/parse-message.ts';

/** How long a client may keep a list before it asks again. Short, because nothing tells it of a new deployment. */
const LIST_TTL_MS = 1000;

/** Runs a tool for the SDK's own `tools/call`: same outcome as on the hot path. */
export type RunTool = (tool: HostedTool, callArguments: unknown, signal: AbortSignal) => Promise<CallToolResult>;

/**
 * Everything but the plain `tools/call` of an MCP server, answered by the official SDK: handshakes of both eras, lists,
 * ping, and every malformed or unusual request. Stateless: an instance per request, as the SDK demands.
 */
export async function answerWithSdk(
  request: Request,
  message: unknown,
  server: HostedServer,
  runTool: RunTool,
): Promise<Response> {
  const header = (name: string) => request.headers.get(name) ?? undefined;
  const route = classifyInboundRequest({
    httpMethod: request.method,
    body: message,
    ...definedOnly({
      protocolVersionHeader: header('mcp-protocol-version'),
      mcpMethodHeader: header('mcp-method'),
      mcpNameHeader: header('mcp-name'),
    }),
  });
  if (route.kind === 'legacy' && route.reason === 'initialize') refuseIncompleteInitialize(message);
  if (route.kind === 'legacy') return answerLegacy(request, message, createServer(server, runTool));
  const handler: McpHttpHandler = createMcpHandler(() => createServer(server, runTool), { legacy: 'reject' });
  return handler.fetch(request, { parsedBody: message });
}

/** The SDK would answer these with an internal error and the text of its schema. */
function refuseIncompleteInitialize(message: unknown): void {
  const { params } = message as { params?: Record<string, unknown> };
  const isComplete =
    typeof params?.['protocolVersion'] === 'string' &&
    typeof params['capabilities'] === 'object' &&
    typeof params['clientInfo'] === 'object';
  if (isComplete) return;
  throw new MessageError(-32602, 'initialize needs protocolVersion, capabilities and clientInfo');
}

/** The SDK's own legacy leg answers in SSE; plain clients and scripts do better with one JSON body. */
async function answerLegacy(request: Request, message: unknown, server: Server): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  return transport.handleRequest(request, { parsedBody: message });
}

function createServer({ manifest, tools, serverInfo }: HostedServer, runTool: RunTool): Server {
  const cacheHint = { ttlMs: LIST_TTL_MS, cacheScope: manifest.isPublic ? 'public' : 'private' } as const;
  const server = new Server(serverInfo, {
    capabilities: { tools: {} },
    ...definedOnly({ instructions: manifest.instructions }),
    cacheHints: { 'tools/list': cacheHint, 'server/discover': cacheHint },
  });
  server.setRequestHandler('tools/list', ({ params }) => {
    // Lists are whole, so no cursor was ever given out.
    if (params?.cursor !== undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Unknown cursor');
    return { tools: manifest.tools.map(toListedTool) };
  });
  server.setRequestHandler('tools/call', ({ params }, context) => {
    const tool = tools.get(params.name);
    if (tool === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Unknown tool');
    return runTool(tool, params.arguments, context.mcpReq.signal);
  });
  return server;
}

function toListedTool({ name, title, description, inputSchema, annotations }: HostedTool['tool']) {
  return {
    name,
    inputSchema: inputSchema as { type: 'object' },
    ...definedOnly({ title, description, annotations }),
  };
}

/** `exactOptionalPropertyTypes`: an absent property, not one that is undefined. */
function definedOnly<T extends Record<string, unknown>>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
