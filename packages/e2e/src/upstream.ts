import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type SeenRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Resolves when the caller closes the connection before it has received the response. */
  aborted: Promise<void>;
};

export type Upstream = AsyncDisposable & {
  url: string;
  /** `host:port`, the form in which secrets are bound to a host. */
  host: string;
  requests: SeenRequest[];
  /** Resolves with the next request that arrives. */
  nextRequest(): Promise<SeenRequest>;
};

/** Starts an API on 127.0.0.1 that records its requests; `answer` decides the response, or sends none. */
export async function startUpstream(
  answer: (request: SeenRequest, response: ServerResponse) => void,
): Promise<Upstream> {
  const requests: SeenRequest[] = [];
  const arrivals = new EventEmitter();
  const server = createServer(async (request, response) => {
    const seen = await toSeenRequest(request, response);
    requests.push(seen);
    arrivals.emit('request', seen);
    answer(seen, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    requests,
    nextRequest: async () => (await once(arrivals, 'request'))[0] as SeenRequest,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function toSeenRequest(request: IncomingMessage, response: ServerResponse): Promise<SeenRequest> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const aborted = new Promise<void>((resolve) => {
    response.once('close', () => {
      if (!response.writableFinished) resolve();
    });
  });
  return { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body, aborted };
}
