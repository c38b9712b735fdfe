import { hash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createSignIn, type SignInProvider } from './sign-in-api.ts';
import { type SeenRequest, startUpstream, type Upstream } from './upstream.ts';

export type TicketApi = Upstream & {
  /** The API keys that the API accepts; if empty, it accepts any key. */
  keys: Set<string>;
  signIn: SignInProvider;
  /** The requests for one path, compared without the query. */
  requestsOf(path: string): SeenRequest[];
};

type Ticket = { id: string; title: string; status: string; assignee: string; priority: string };
type Answer = { status?: number; headers?: Record<string, string>; body: unknown };
type Request = SeenRequest & { url: URL; parts: string[] };

/** A marker by which a response can identify a credential without revealing it. */
export function markerOf(credential: string): string {
  return hash('sha256', credential, 'hex').slice(0, 16);
}

/**
 * Starts the ticket system that the descriptors in the tests describe, with further endpoints that behave as APIs do.
 */
export async function startTicketApi({ createToken }: { createToken?: () => string } = {}): Promise<TicketApi> {
  const keys = new Set<string>();
  const signIn = createSignIn(createToken);
  const tickets: Ticket[] = [
    { id: 'T-1', title: 'No heating', status: 'open', assignee: 'ada@example.test', priority: 'high' },
    { id: 'T-2', title: 'No light', status: 'closed', assignee: 'bob@example.test', priority: 'low' },
  ];

  function answer(request: Request): Answer {
    const [area, ...path] = request.parts;
    if (area === 'api') return answerTickets(request, path.slice(1));
    // A custom sign-in for a chain of requests.
    if (area === 'session') return { body: { session: { token: (createToken ?? randomUUID)() } } };
    if (area === 'echo') return { body: { marker: markerOf(credentialOf(request)) } };
    // Repeats the request, as error pages of frameworks do.
    if (area === 'repeat') return { body: { headers: request.headers, url: request.path, body: request.body } };
    return signIn.answer(request) ?? { status: 404, body: { error: 'not found' } };
  }

  function answerTickets(request: Request, [collection, id]: string[]): Answer {
    const key = request.headers['x-api-key'];
    const isKnown = typeof key === 'string' && (keys.size === 0 || keys.has(key));
    if (!isKnown) return { status: 401, body: { error: 'unknown key' } };
    if (collection === 'me') return { body: { name: 'integration' } };
    if (collection !== 'tickets') return { status: 404, body: { error: 'not found' } };
    if (request.method === 'POST') {
      const ticket = { status: 'open', ...JSON.parse(request.body), id: `T-${tickets.length + 1}` };
      tickets.push(ticket);
      return { status: 201, body: ticket };
    }
    if (id !== undefined) {
      const ticket = tickets.find((candidate) => candidate.id === id);
      return ticket === undefined ? { status: 404, body: { error: 'no such ticket' } } : { body: ticket };
    }
    const { searchParams: wanted } = request.url;
    const found = tickets.filter((ticket) =>
      (['status', 'assignee'] as const).every((name) => [null, ticket[name]].includes(wanted.get(name))),
    );
    return { body: { tickets: found.slice(0, Number(wanted.get('limit') ?? found.length)) } };
  }

  const upstream = await startUpstream((seen, response) => {
    const url = new URL(seen.path, 'http://tickets.test');
    write(response, answer({ ...seen, url, parts: url.pathname.split('/').slice(1) }));
  });
  return {
    ...upstream,
    keys,
    signIn,
    requestsOf: (path) => upstream.requests.filter((request) => request.path.split('?')[0] === path),
  };
}

function credentialOf({ headers }: SeenRequest): string {
  return String(headers['x-api-key'] ?? headers.authorization ?? '');
}

function write(response: ServerResponse, { status = 200, headers = {}, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
