import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

export type Balancer = AsyncDisposable & {
  port: number;
  url: string;
  /** The number of requests that each target received. */
  served: readonly number[];
};

/**
 * Sends each request to the next target in turn, so that consecutive requests of a session do not reach the same edge.
 * Everything is forwarded unchanged, including Host and Origin, and streams are forwarded at once; `headers` are added,
 * for clients that cannot send a key themselves.
 */
export async function startBalancer(targets: string[], headers: Record<string, string> = {}): Promise<Balancer> {
  const added = Object.entries(headers).flat();
  const served = targets.map(() => 0);
  let turn = 0;
  const server = createServer((request, response) => {
    const index = turn % targets.length;
    turn += 1;
    served[index] = (served[index] ?? 0) + 1;
    passOn(request, response, targets[index] ?? '', added);
  });
  // A subscription may be silent for a long time.
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    served,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function passOn(request: IncomingMessage, response: ServerResponse, target: string, added: string[]): void {
  const { hostname, port } = new URL(target);
  const outgoing = sendRequest({
    hostname,
    port,
    method: request.method,
    path: request.url,
    agent: false,
    // One connection per request, so that the next request goes to the next target.
    headers: [...endToEnd(request.rawHeaders), ...added, 'connection', 'close'],
  });
  // A connection that is closed on one side is closed on the other.
  response.once('close', () => outgoing.destroy());
  outgoing.once('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  outgoing.once('response', (incoming) => {
    response.writeHead(incoming.statusCode ?? 502, endToEnd(incoming.rawHeaders));
    response.flushHeaders();
    pipeline(incoming, response, () => undefined);
  });
  pipeline(request, outgoing, () => undefined);
}

/** Raw headers are a flat list of names and values. */
function endToEnd(rawHeaders: string[]): string[] {
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index - (index % 2)]?.toLowerCase();
    return name !== 'connection' && name !== 'keep-alive';
  });
}
