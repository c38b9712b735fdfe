import http, { type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type SeenRequest = { method: string; url: string; headers: IncomingHttpHeaders; body: string; bytes: Buffer };

export type Upstream = AsyncDisposable & {
  url: string;
  port: number;
  seen: SeenRequest[];
  /** Resolves when the next request has arrived. */
  nextRequest(): Promise<void>;
  /** Resolves when a connection has been closed by the other side. */
  nextClose(): Promise<void>;
};

/** A real HTTP server on this machine whose responses a test determines; it records its requests. */
export async function startUpstream(
  answer: RequestListener,
  place: { host?: string; port?: number } = {},
): Promise<Upstream> {
  const { host = '127.0.0.1' } = place;
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let onRequest = () => {};
  let onClose = () => {};
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const bytes = Buffer.concat(chunks);
      seen.push({ method, url, headers, body: bytes.toString(), bytes });
      onRequest();
      answer(request, response);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    // Attacks on a connection end in resets.
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      onClose();
    });
  });
  await new Promise<void>((resolve) => server.listen(place.port ?? 0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    port,
    seen,
    nextRequest: () =>
      new Promise((resolve) => {
        onRequest = resolve;
      }),
    nextClose: () =>
      new Promise((resolve) => {
        onClose = resolve;
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Responds with JSON. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(value));
  };
}
