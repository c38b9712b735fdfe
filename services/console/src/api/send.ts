import { ApiError } from './api-error.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A complete answer of the API: `data` and, for a list, the position of its next page. */
export type Answer<Data> = {
  data: Data;
  total?: number;
  totalPages?: number;
  nextCursor?: string | null;
};

export type Request = {
  body?: unknown;
  /** The version that the person has seen. If it has changed, the API answers 409. */
  version?: number;
  query?: Readonly<Record<string, string | number | undefined>>;
  /** Aborts the request when nobody waits for its answer any more. */
  signal?: AbortSignal;
};

/** Proves that a page of this host sends the request, and specifies the workspace. */
export type Sender = { csrfToken?: string; workspaceId?: string };

/** Sends one request to the REST API of this host. For 204, `data` is undefined. Throws `ApiError`. */
export async function send<Data>(
  { csrfToken, workspaceId }: Sender,
  method: Method,
  path: string,
  { body, version, query = {}, signal }: Request = {},
): Promise<Answer<Data>> {
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(csrfToken === undefined || method === 'GET' ? {} : { 'x-csrf-token': csrfToken }),
    ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
    ...(workspaceId === undefined ? {} : { 'x-workspace': workspaceId }),
  };
  const response = await ask(`/api/v1${path}${toSearch(query)}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const answer = parse(await response.text());
  if (response.ok) return answer as Answer<Data>;
  throw new ApiError(response.status, toProblem(answer, response.status));
}

/** Like `fetch`, but throws `ApiError` if there is no answer. */
export async function ask(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, init).catch((thrown: unknown) => {
    if (init.signal?.aborted) throw thrown;
    throw new ApiError(0, { code: 'no_answer', message: 'The platform is not responding. Check the connection.' });
  });
}

type Problem = { code: string; message: string; details?: unknown };

type Refusal = { error?: Problem; diagnostics?: unknown };

/**
 * Also handles answers that do not come from the API. The problems of a document are next to the error, not in its
 * details.
 */
export function toProblem({ error, diagnostics }: Refusal, status: number): Problem {
  const message = `The platform answered ${status}. Try again in a moment.`;
  if (error === undefined) return { code: 'unreadable', message };
  return diagnostics === undefined ? error : { ...error, details: diagnostics };
}

function toSearch(query: NonNullable<Request['query']>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search === '' ? '' : `?${search}`;
}

/** A proxy in between may answer with something other than JSON. */
function parse(text: string): Partial<Answer<never>> & Refusal {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}
