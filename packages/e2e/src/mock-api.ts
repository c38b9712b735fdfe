import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '@toolplane/contracts';

/** One response of an API. The first mock that matches a request answers it; braces in a path stand for one segment. */
export type Mock = {
  method: string;
  path: string;
  /** Parameters that the query must have; it may have others. */
  query?: Record<string, string | string[]>;
  /** Members that a JSON body must have; it may have others. */
  body?: Record<string, Json>;
  status: number;
  headers?: Record<string, string>;
  /** The body, sent as JSON; a string is sent unchanged. */
  answer?: Json;
  /** How often this mock answers; afterwards the next one is used. */
  times?: number;
};

export type MockedCall = { method: string; path: string; query: string; headers: IncomingHttpHeaders; body: string };

export type MockApi = AsyncDisposable & {
  url: string;
  seen: MockedCall[];
  /** Replaces all mocks and clears `seen`. */
  program(mocks: readonly Mock[]): void;
};

/** Starts a real HTTP server on 127.0.0.1. A request that no mock matches gets a 404. */
export async function startMockApi(): Promise<MockApi> {
  const seen: MockedCall[] = [];
  let mocks: Mock[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const call = {
      method: request.method ?? '',
      path,
      query,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    seen.push(call);
    const mock = mocks.find((candidate) => fits(candidate, call));
    if (mock?.times !== undefined) {
      mock.times -= 1;
      if (mock.times === 0) mocks.splice(mocks.indexOf(mock), 1);
    }
    send(response, mock ?? { method: '', path: '', status: 404, answer: { error: 'no mock' } });
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    program(next) {
      mocks = next.map((mock) => ({ ...mock }));
      seen.length = 0;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, { status, headers = {}, answer }: Mock): void {
  if (answer === undefined) return void response.writeHead(status, headers).end();
  const isText = typeof answer === 'string';
  const contentType = isText ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'content-type': contentType, ...headers });
  response.end(isText ? answer : JSON.stringify(answer));
}

function fits({ method, path, query = {}, body = {} }: Mock, call: MockedCall): boolean {
  if (method.toUpperCase() !== call.method || !pathPattern(path).test(call.path)) return false;
  const sent = new URLSearchParams(call.query);
  const hasQuery = Object.entries(query).every(([name, value]) =>
    isSame(sent.getAll(name), [value].flat().map(String)),
  );
  return hasQuery && hasMembers(call.body, body);
}

function hasMembers(text: string, members: Record<string, Json>): boolean {
  if (Object.keys(members).length === 0) return true;
  const body = JSON.parse(text) as Record<string, Json>;
  return Object.entries(members).every(([name, value]) => isSame(body[name] ?? null, value));
}

/** Compares members in the same order, which is enough for values that a test wrote itself. */
function isSame(one: Json, other: Json): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function pathPattern(path: string): RegExp {
  const parts = path.split(/\{[^}]*\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}
