/*
 * The minimum that a JSON-RPC server can do: it parses the request with node:http and answers with its params and as
 * many additional bytes as the first argument says. Prints its port.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const padding = Buffer.alloc(Number(process.argv[2] ?? 0), 'x');

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { id, params } = JSON.parse(Buffer.concat(chunks).toString());
    const body = JSON.stringify({ jsonrpc: '2.0', id, result: { echo: params } });
    const bytes = Buffer.byteLength(body) + padding.length;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes });
    if (padding.length === 0) return void response.end(body);
    response.write(body);
    response.end(padding);
  });
});
// The edge has the same timeout, which is long enough that a round can use the connections of earlier ones.
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
