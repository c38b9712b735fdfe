import type { IncomingMessage, RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { certificate, privateKey } from '@toolplane/loopback/certificate';

export type SourceHost = AsyncDisposable & {
  /** The base URL, `https://localhost:<port>`. */
  url: string;
  /** The documents by path: a text, or a function that answers. */
  documents: Map<string, string | RequestListener>;
  /** The requested paths. */
  seen: string[];
};

/** Starts a real HTTPS server with documents to fetch. */
export async function startSourceHost(): Promise<SourceHost> {
  const documents: SourceHost['documents'] = new Map();
  const seen: string[] = [];
  const sockets = new Set<Duplex>();
  const answer: RequestListener = (request: IncomingMessage, response) => {
    const path = request.url ?? '';
    seen.push(path);
    const document = documents.get(path);
    if (typeof document === 'function') return document(request, response);
    response.writeHead(document === undefined ? 404 : 200).end(document);
  };
  const server = https.createServer({ cert: certificate, key: privateKey }, answer);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    documents,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A document with one operation, `listPets`. */
export function openApiDocument(server = 'https://api.example.test/v1', title = 'Pets'): string {
  const responses = { 200: { description: 'Pets', content: { 'application/json': { schema: { type: 'object' } } } } };
  const paths = { '/pets': { get: { operationId: 'listPets', responses } } };
  return JSON.stringify({ openapi: '3.1.0', info: { title, version: '1' }, servers: [{ url: server }], paths });
}

/** A document with one workflow that calls `listPets` of the first source. */
export function arazzoDocument(sources: { name: string; url: string; type?: string }[]): string {
  return `arazzo: 1.0.1
info: { title: Pet tools, version: 1.0.0 }
sourceDescriptions:
${sources.map((source) => `  - ${JSON.stringify({ type: 'openapi', ...source })}`).join('\n')}
workflows:
  - workflowId: list_pets
    description: Lists the pets that are for sale.
    steps:
      - stepId: list
        operationId: $sourceDescriptions.${sources[0]?.name}.listPets
        outputs: { count: $response.body#/count }
    outputs: { count: $steps.list.outputs.count }
`;
}
