import { CliError } from '../cli-error.ts';
import { ApiError, type Violation } from './api-error.ts';
import type { Login } from './login.ts';
import { ask, readJson } from './send.ts';

/** A whole answer of the API; `data` is undefined where it has no content. */
export type Answer<Data> = { status: number; data: Data; nextCursor?: string | null; totalPages?: number };

export type ApiRequest = {
  body?: unknown;
  query?: Readonly<Record<string, string | number | undefined>>;
};

/** The REST API of the platform. Throws `CliError`, of which `ApiError` is what the API refuses. */
export type Api = {
  <Data>(method: string, path: string, request?: ApiRequest): Promise<Answer<Data>>;
  readonly login: Login;
  /** Whatever the answer is. */
  readonly send: <Body extends object>(
    method: string,
    path: string,
    request?: ApiRequest,
  ) => Promise<Body & { status: number }>;
};

type Refusal = { error?: { code: string; message: string; details?: unknown }; diagnostics?: unknown };

const NO_CONTENT = 204;
/** A deployment fetches sources for a minute at most, then compiles. */
const DEADLINE_MS = 120_000;

export function createApi(login: Login): Api {
  const send = async <Body extends object>(method: string, path: string, { body, query = {} }: ApiRequest = {}) => {
    const url = `${login.api}/api/v1${path}${toSearch(query)}`;
    if (!new URL(url).pathname.startsWith('/api/v1/')) throw new CliError(`${path} leads out of the API`);
    const response = await ask(url, {
      method,
      headers: { 'x-api-key': login.key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const answer = await readJson<Body & Refusal>(response);
    if (response.ok) return { ...answer, status: response.status };
    throw toApiError(response.status, answer);
  };
  const call = async <Data>(method: string, path: string, request?: ApiRequest) => {
    const answer = await send<Answer<Data>>(method, path, request);
    const hasData = answer.data !== undefined && answer.data !== null;
    // What stands in the place of a platform may answer anything.
    if (hasData || answer.status === NO_CONTENT) return answer;
    throw new CliError(`${login.api} does not answer as Toolplane does: is the URL right?`);
  };
  return Object.assign(call, { login, send });
}

/** All pages of a list. */
export async function listAll<Data>(api: Api, path: string, query: ApiRequest['query'] = {}): Promise<Data[]> {
  const all: Data[] = [];
  for (let page = 1; ; page += 1) {
    const { data, totalPages = 1 } = await api<Data[]>('GET', path, { query: { ...query, page, limit: 100 } });
    all.push(...data);
    if (page >= totalPages || data.length === 0) return all;
  }
}

/** One thing by its id or name, which may hold anything but what would lead elsewhere. Throws `CliError`. */
export function pathTo(...parts: string[]): string {
  return parts.map((part) => `/${encodeURIComponent(withoutSteps(part))}`).join('');
}

/** No encoding keeps these from being steps of a path. */
function withoutSteps(part: string): string {
  if (part === '' || part === '.' || part === '..') throw new CliError(`"${part}" is no name and no id`);
  return part;
}

/** What is wrong with a document stands beside the error, not in its details. */
function toApiError(status: number, { error, diagnostics }: Refusal): ApiError {
  const message = `The platform answered ${status}`;
  const { code = 'unreadable', details } = error ?? {};
  const violations = Array.isArray(details) ? details.filter(isViolation) : [];
  const found = Array.isArray(diagnostics) ? diagnostics : [];
  return new ApiError(error?.message ?? message, { status, code, violations, diagnostics: found });
}

function isViolation(detail: unknown): detail is Violation {
  const { path, message } = (detail ?? {}) as Partial<Violation>;
  return typeof path === 'string' && typeof message === 'string';
}

function toSearch(query: NonNullable<ApiRequest['query']>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search === '' ? '' : `?${search}`;
}
