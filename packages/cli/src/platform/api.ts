import { createApi as createRoutes, type ApiClient as Routes, toPath } from '@toolplane/api-client';
import type { Diagnostic } from '@toolplane/contracts';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { ApiError, type ReportedViolation } from './api-error.ts';
import type { Login } from './login.ts';
import { parseAnswer } from './parse-answer.ts';
import { ask, readJson } from './send.ts';

/** The REST API of the platform. Throws `CliError`; if the API refuses the request, `ApiError`. */
export type PlatformApi = Routes & {
  readonly login: Login;
  /** Sends any request, and returns any answer. */
  readonly send: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: object }>;
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

const violationSchema: z.ZodType<ReportedViolation> = z.object({
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

export function createApi(login: Login): PlatformApi {
  const baseUrl = `${login.api}/api/v1`;
  const exchange = async (request: Request) => {
    request.headers.set('x-api-key', login.key);
    const response = await ask(request, { signal: AbortSignal.timeout(DEADLINE_MS) });
    const body = await readJson(response);
    if (response.ok) return { status: response.status, body };
    throw toApiError(response.status, body, login);
  };
  const routes = createRoutes({
    baseUrl,
    pathSerializer: pathTo,
    async fetch(request) {
      const { status, body } = await exchange(request);
      parseAnswer(z.looseObject({}), body, login.api);
      return status === 204 ? new Response(null, { status }) : Response.json(body, { status });
    },
  });
  const send: PlatformApi['send'] = (method, path, body) => {
    const url = `${baseUrl}${path}`;
    if (!new URL(url).pathname.startsWith('/api/v1/')) throw new CliError(`${path} leads out of the API`);
    if (body === undefined) return exchange(new Request(url, { method }));
    const headers = { 'content-type': 'application/json' };
    return exchange(new Request(url, { method, headers, body: JSON.stringify(body) }));
  };
  return { ...routes, login, send };
}

/**
 * The data of an answer. `schema` describes what the command needs of it, because another program may answer anything.
 * It keeps all other members, for `--json`. Throws `CliError`.
 */
export function dataOf<Data>({ login }: PlatformApi, schema: z.ZodType<Data>, answer: { data?: NoInfer<Data> }): Data {
  return parseAnswer(z.object({ data: schema }), answer, login.api).data;
}

/** Returns all pages of a list. `get` requests one of them. */
export async function listAll<Item>(
  { login }: PlatformApi,
  schema: z.ZodType<Item>,
  get: (query: { page: number; limit: number }) => Promise<{ data: NoInfer<Item>[] }>,
): Promise<Item[]> {
  const pageSchema = z.object({ data: z.array(schema), totalPages: z.int().min(0).optional() });
  const all: Item[] = [];
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const { data, totalPages = 1 } = parseAnswer(pageSchema, await get({ page, limit: PAGE }), login.api);
    all.push(...data);
    if (page >= totalPages || data.length === 0) return all;
  }
  throw new CliError(`${login.api} lists more than ${PAGES_MAX * PAGE} entries`, { code: 'too_large' });
}

/**
 * Fills the ids or names of one thing into a path. They may contain anything that does not lead to another path. Throws
 * `CliError`.
 */
export function pathTo(path: string, named: Record<string, unknown>): string {
  // Even encoded, these would be steps of a path.
  const step = Object.values(named).find((name) => name === '' || name === '.' || name === '..');
  if (step !== undefined) throw new CliError(`"${step}" is neither a name nor an id`);
  return toPath(path, named);
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
