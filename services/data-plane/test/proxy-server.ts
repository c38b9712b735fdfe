import { once } from 'node:events';
import http, { type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export type ProxyServer = AsyncDisposable & {
  port: number;
  /** The targets to which connections were requested, and the headers with the credentials. */
  seen: { target: string; headers: IncomingHttpHeaders }[];
  /** Sets the status of the next responses; 200 connects to 127.0.0.1, whatever the name. */
  answer(status: number, headers?: string): void;
};

/** A real proxy that supports only CONNECT. */
export async function startProxyServer(): Promise<ProxyServer> {
  const seen: ProxyServer['seen'] = [];
  const sockets = new Set<Socket>();
  let answer = { status: 200, headers: '' };
  const server = http.createServer((request, response) => {
    seen.push({ target: `not CONNECT: ${request.url}`, headers: request.headers });
    response.writeHead(400).end();
  });
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  server.on('connection', keep);
  server.on('connect', ({ url = '', headers }, client: Socket) => {
    seen.push({ target: url, headers });
    const head = `HTTP/1.1 ${answer.status} X\r\n${answer.headers}\r\n`;
    if (answer.status !== 200) return client.end(head);
    const upstream = connect(Number(url.split(':').at(-1)), '127.0.0.1', () => {
      client.write(head);
      client.pipe(upstream).pipe(client);
    });
    keep(upstream);
    upstream.on('error', () => client.end('HTTP/1.1 502 X\r\n\r\n'));
    client.on('close', () => upstream.destroy());
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    seen,
    port: (server.address() as AddressInfo).port,
    answer(status, headers = '') {
      answer = { status, headers };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
