import type { Diagnostic } from '@toolplane/contracts';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { ApiError, type Violation } from './api-error.ts';
import type { Login } from './login.ts';
import { parseAnswer } from './parse-answer.ts';
import { ask, readJson } from './send.ts';

export type Answer<Data> = {
  status: number;
  data: Data;
  nextCursor?: string | null | undefined;
  totalPages?: number | undefined;
};

export type ApiRequest = {
  body?: unknown;
  query?: Readonly<Record<string, string | number | undefined>>;
};

/** The REST API of the platform. Throws `CliError`; if the API refuses the request, `ApiError`. */
export type Api = {
  /** `schema` describes the data that the command needs. It keeps all other members, for `--json`. */
  <Data>(method: string, path: string, schema: z.ZodType<Data>, request?: ApiRequest): Promise<Answer<Data>>;
  readonly login: Login;
  /** Returns any answer, even a refusal. */
  readonly send: (method: string, path: string, request?: ApiRequest) => Promise<{ status: number; body: object }>;
};

/** A deployment fetches its sources, which takes a minute at most, and then compiles. */
const DEADLINE_MS = 120_000;
const PAGE = 100;
/** More pages than any list has. An endless list does not come from our platform. */
const PAGES_MAX = 1000;

export const diagnosticSchema: z.ZodType<Diagnostic> = z.looseObject({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  source: z.string().exactOptional(),
  pointer: z.string(),
  line: z.int(),
  column: z.int(),
});

const violationSchema: z.ZodType<Violation> = z.object({
  path: z.string(),
  message: z.string(),
  suggestions: z.array(z.string()).optional().catch(undefined),
});

/** The problems of a document are next to the error, not in its details. */
const refusalSchema = z.object({
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      details: z.array(violationSchema).catch([]),
    })
    .catch({ code: 'unexpected_answer', message: '', details: [] }),
  diagnostics: z.array(diagnosticSchema).catch([]),
});

export function createApi(login: Login): Api {
  const toUrl = (path: string, query: ApiRequest['query'] = {}) => {
    const url = `${login.api}/api/v1${path}${toSearch(query)}`;
    if (!new URL(url).pathname.startsWith('/api/v1/')) throw new CliError(`${path} leads out of the API`);
    return url;
  };
  const send: Api['send'] = async (method, path, { body, query } = {}) => {
    const response = await ask(toUrl(path, query), {
      method,
      headers: { 'x-api-key': login.key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const answer = await readJson(response);
    if (response.ok) return { status: response.status, body: answer };
    throw toApiError(response.status, answer, login);
  };
  const call = async <Data>(method: string, path: string, schema: z.ZodType<Data>, request?: ApiRequest) => {
    const { status, body } = await send(method, path, request);
    const answer = z.object({
      data: schema,
      nextCursor: z.string().nullish(),
      totalPages: z.int().min(0).optional(),
    });
    return { status, ...parseAnswer(answer, body, login.api) };
  };
  return Object.assign(call, { login, send });
}

/** Returns all pages of a list. */
export async function listAll<Item>(
  api: Api,
  path: string,
  item: z.ZodType<Item>,
  query: ApiRequest['query'] = {},
): Promise<Item[]> {
  const all: Item[] = [];
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const { data, totalPages = 1 } = await api('GET', path, z.array(item), { query: { ...query, page, limit: PAGE } });
    all.push(...data);
    if (page >= totalPages || data.length === 0) return all;
  }
  throw new CliError(`${api.login.api} lists more than ${PAGES_MAX * PAGE} at ${path}`, { code: 'too_large' });
}

/**
 * The path to one thing by its id or name, which may contain anything that does not lead to another path. Throws
 * `CliError`.
 */
export function pathTo(...parts: string[]): string {
  return parts.map((part) => `/${encodeURIComponent(withoutSteps(part))}`).join('');
}

/** Even encoded, these would be steps of a path. */
function withoutSteps(part: string): string {
  if (part === '' || part === '.' || part === '..') throw new CliError(`"${part}" is neither a name nor an id`);
  return part;
}

function toApiError(status: number, answer: object, { api, profile }: Login): ApiError {
  const { error, diagnostics } = refusalSchema.parse(answer);
  const { code, message, details: violations } = error;
  const again = profile === undefined ? 'in TOOLPLANE_API_KEY' : `with "toolplane login ${api} --profile ${profile}"`;
  const hint =
    code === 'unauthenticated'
      ? `It may be revoked, expired, or not allowed from this address: set another key ${again}`
      : undefined;
  return new ApiError(message || `The platform answered ${status}`, { status, code, violations, diagnostics, hint });
}

function toSearch(query: NonNullable<ApiRequest['query']>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search === '' ? '' : `?${search}`;
}
