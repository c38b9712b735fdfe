import { type ApiClient, createApi } from '@toolplane/api-client';
import { ApiError } from './api-error.ts';

/** A complete answer of the API: `data` and, for a list, the position of its next page. */
export type ApiAnswer<Data> = {
  data: Data;
  total?: number;
  totalPages?: number;
  nextCursor?: string | null;
};

export type QueryParameters = Readonly<Record<string, string | number | boolean | undefined>>;

type Through = {
  /** The workspace in which the requests are made. */
  workspaceId?: string;
  send?: (request: Request) => Promise<Response>;
};

/** The REST API of this host. Throws `ApiError`. */
export function createHostApi({ workspaceId, send: fetch = send }: Through = {}): ApiClient {
  const headers = workspaceId === undefined ? {} : { 'x-workspace': workspaceId };
  return createApi({ baseUrl: '/api/v1', headers, fetch, querySerializer: toSearch });
}

/** Like `fetch`, but throws `ApiError` for a refusal, or if there is no answer. */
export async function send(request: Request): Promise<Response> {
  const response = await ask(request);
  if (response.ok) return response;
  // A proxy in between may answer with something other than JSON.
  const answer = await response.json().catch(() => ({}));
  throw new ApiError(response.status, toProblem(answer, response.status));
}

/** The token proves that a page of this host sends the request. */
export function withToken(request: Request, csrfToken: string): Request {
  request.headers.set('x-csrf-token', csrfToken);
  return request;
}

/** Like `fetch`, but throws `ApiError` if there is no answer. */
export async function ask(request: Request): Promise<Response> {
  return fetch(request).catch((thrown: unknown) => {
    if (request.signal.aborted) throw thrown;
    throw new ApiError(0, { code: 'no_answer', message: 'The platform is not responding. Check the connection.' });
  });
}

type Problem = { code: string; message: string; details?: unknown };

/** The problems of a document are next to the error, not in its details. */
function toProblem({ error, diagnostics }: { error?: Problem; diagnostics?: unknown }, status: number): Problem {
  const message = `The platform answered ${status}. Try again in a moment.`;
  if (error === undefined) return { code: 'unreadable', message };
  return diagnostics === undefined ? error : { ...error, details: diagnostics };
}

function toSearch(query: Record<string, unknown>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}
