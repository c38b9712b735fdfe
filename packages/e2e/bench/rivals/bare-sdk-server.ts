import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import got from 'got';

/*
 * The server that most people would write: one process, the official SDK (v1), stateless, JSON responses, and a tool
 * that makes the same upstream call with got. It has no queue, no isolation and no secret store. Prints its port, then
 * serves until it is killed.
 */
const upstream = process.argv[2];
if (upstream === undefined) throw new Error('usage: bare-sdk-server.ts <upstream URL>');

const tool = {
  name: 'get_item',
  description: 'Get an item by number.',
  inputSchema: { type: 'object' as const, properties: { number: { type: 'integer' } }, required: ['number'] },
};

function createMcpServer(): Server {
  const server = new Server({ name: 'bare', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [tool] }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const answer = await got(`${upstream}/items/${params.arguments?.number}`, {
      headers: { authorization: 'Bearer bench-secret-0123456789' },
      retry: { limit: 0 },
      agent: { http: agent },
    }).json<{ name: string; price: number }>();
    const outputs = { name: answer.name, price: answer.price };
    return { content: [{ type: 'text', text: JSON.stringify(outputs) }], structuredContent: outputs };
  });
  return server;
}

const { Agent } = await import('node:http');
const agent = new Agent({ keepAlive: true });

const http = createServer(async (request, response) => {
  const server = createMcpServer();
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  response.on('close', () => {
    void transport.close();
    void server.close();
  });
  await server.connect(transport as Parameters<typeof server.connect>[0]);
  await transport.handleRequest(request, response);
});
http.listen(0, '127.0.0.1', () => process.stdout.write(`${(http.address() as AddressInfo).port}\n`));
