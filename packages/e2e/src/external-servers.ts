import { randomUUID } from 'node:crypto';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { McpServer as LegacyServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListRootsResultSchema,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js';
import { createMcpHandler, McpServer as ModernServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

/* MCP servers of third parties, made with the SDKs as people make them. */

export type TestExternalServer = AsyncDisposable & {
  url: string;
  /** `127.0.0.1:port` */
  host: string;
  /** The requests that the server received, in order. */
  requests: { headers: IncomingHttpHeaders; body: string }[];
  /** Sets the description of the first tool; changing it is a rug pull. */
  say(description: string): void;
};

const greet = ({ name }: { name: string }) => ({
  content: [
    { type: 'text' as const, text: `Good evening, ${name}` },
    { type: 'image' as const, data: Buffer.from('a picture').toString('base64'), mimeType: 'image/png' },
  ],
  structuredContent: { greeting: `Good evening, ${name}` },
});
const refuse = () => ({ content: [{ type: 'text' as const, text: 'There is no such guest' }], isError: true });
const plan = ({ city }: { city: string }) => ({
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: `Plan a trip to ${city}` } }],
});
const read = (uri: URL) => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: `The text of ${uri.href}` }] });

/** A server of protocol 2026-07-28, made with the SDK's v2 package. */
export function startModernExternal({ port = 0 } = {}): Promise<TestExternalServer> {
  return serve(prepareModern, port);
}

const prepareModern: Prepare = (state) => {
  const handler = createMcpHandler(() => {
    const server = new ModernServer({ name: 'modern-guests', version: '1.0.0' });
    const output = z.object({ greeting: z.string() });
    server.registerTool(
      'greet',
      { description: state.description, inputSchema: z.object({ name: z.string() }), outputSchema: output },
      greet,
    );
    server.registerTool('refuse', { description: 'Refuses everybody.' }, refuse);
    server.registerTool('show_request', { description: 'Shows the request.' }, () => showLast(state));
    server.registerPrompt('plan_trip', { argsSchema: z.object({ city: z.string() }) }, plan);
    server.registerResource('rules', 'guests://rules', {}, read);
    return server;
  });
  return async (request, response, body) => {
    const answer = await handler.fetch(
      new Request(`http://127.0.0.1${request.url}`, {
        method: request.method ?? 'GET',
        headers: request.headers as Record<string, string>,
        ...(body === '' ? {} : { body }),
      }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body === null) response.end();
    else Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]).pipe(response);
  };
};

/** A server of protocol 2025-11-25 with sessions, made with the SDK's v1 package. */
export function startLegacyExternal(): Promise<TestExternalServer> {
  return serve(prepareLegacy);
}

const prepareLegacy: Prepare = (state) =>
  inSessions('legacy-guests', (server) => {
    const output = { greeting: z.string() };
    server.registerTool(
      'greet',
      { description: state.description, inputSchema: { name: z.string() }, outputSchema: output },
      greet,
    );
    server.registerTool('refuse', { description: 'Refuses everybody.' }, refuse);
    server.registerTool('show_request', { description: 'Shows the request.' }, () => showLast(state));
    server.registerPrompt('plan_trip', { argsSchema: { city: z.string() } }, plan);
    server.registerResource('rules', 'guests://rules', {}, read);
  });

/**
 * A server with the same protocol and tools that ask the caller in the middle of a call; `ended` receives the result of
 * each question.
 */
export function startAskingExternal(ended: unknown[] = []): Promise<TestExternalServer> {
  const note = async (answer: Promise<unknown>) => {
    const known = await answer.catch((thrown: Error) => {
      ended.push(thrown.message);
      throw thrown;
    });
    ended.push(known);
    return { content: [{ type: 'text' as const, text: JSON.stringify(known) }] };
  };
  const requestedSchema = { type: 'object' as const, properties: { city: { type: 'string' as const } } };
  return serve(() =>
    inSessions('asking', (server) => {
      // This tool asks on the stream of the session, as the SDK's examples do.
      server.registerTool('ask_city', { description: 'Asks for a city.' }, () =>
        note(server.server.elicitInput({ message: 'Which city?', requestedSchema })),
      );
      server.registerTool('ask_in_call', { description: 'Asks for a city.' }, (extra) => {
        const asked = { method: 'elicitation/create' as const, params: { message: 'Which city?', requestedSchema } };
        return note(extra.sendRequest(asked, ElicitResultSchema));
      });
      server.registerTool('ask_twice', { description: 'Asks for two cities.' }, async (extra) => {
        const cities: unknown[] = [];
        for (const message of ['From where?', 'Where to?']) {
          const asked = { method: 'elicitation/create' as const, params: { message, requestedSchema } };
          const { content } = await extra.sendRequest(asked, ElicitResultSchema);
          cities.push(content?.['city']);
          const progressToken = extra._meta?.progressToken;
          if (progressToken === undefined) continue;
          const params = { progressToken, progress: cities.length };
          await extra.sendNotification({ method: 'notifications/progress', params });
        }
        return { content: [{ type: 'text' as const, text: JSON.stringify(cities) }] };
      });
      server.registerTool('sample', { description: 'Asks a model.' }, (extra) => {
        const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'Say hello' } }];
        const asked = { method: 'sampling/createMessage' as const, params: { messages, maxTokens: 20 } };
        return note(extra.sendRequest(asked, CreateMessageResultSchema));
      });
      server.registerTool('list_roots', { description: 'Asks where files are.' }, (extra) =>
        note(extra.sendRequest({ method: 'roots/list' }, ListRootsResultSchema)),
      );
    }),
  );
}

/** A server that refuses every other call until a person has signed in on a page, as servers of 2025-11-25 may. */
export function startSigningExternal(): Promise<TestExternalServer> {
  let isSignedIn = true;
  const page = { mode: 'url' as const, elicitationId: 'e1', url: 'https://guests.example/sign-in', message: 'Sign in' };
  return serve(() =>
    inSessions('signing', (server) => {
      server.registerTool('enter', { description: 'Enters the house.' }, () => {
        isSignedIn = !isSignedIn;
        if (!isSignedIn) throw new UrlElicitationRequiredError([page]);
        return { content: [{ type: 'text' as const, text: 'Welcome' }] };
      });
    }),
  );
}

function inSessions(name: string, prepare: (server: LegacyServer) => void): Answer {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const open = async () => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    const server = new LegacyServer({ name, version: '1.0.0' });
    prepare(server);
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    return transport;
  };
  return async (request, response, body) => {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && known === undefined) return void response.writeHead(404).end();
    const transport = known ?? (await open());
    await transport.handleRequest(request, response, body === '' ? undefined : JSON.parse(body));
  };
}

type State = { description: string; requests: TestExternalServer['requests'] };
type Prepare = (state: State) => Answer;
type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => Promise<void> | void;

/** Returns the headers of the last request, as a careless server might. */
function showLast({ requests }: State) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(requests.at(-1)?.headers) }] };
}

/** Starts any server that uses HTTP; the body is read before it answers. */
export async function serve(prepare: Prepare, port = 0): Promise<TestExternalServer> {
  const state: State = { description: 'Greets a guest by name.', requests: [] };
  const answer = prepare(state);
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    state.requests.push({ headers: request.headers, body });
    await answer(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/mcp`,
    host,
    requests: state.requests,
    say(description) {
      state.description = description;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
