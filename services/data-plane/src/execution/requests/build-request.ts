import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import { type Budget, type RequestScope, type Scope, toText } from '@toolplane/expressions';
import { budgetFor } from '../evaluation-budget.ts';
import type { Redactor } from '../redact.ts';
import { encodeBody } from './encode-body.ts';
import { cookieRefused, evaluateParameters, placeParameters } from './place-parameters.ts';
import type { PreparedRequest } from './prepare-request.ts';
import { spendOn } from './spend-on.ts';

export type BuiltRequest = {
  url: URL;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
  parts: RequestParts;
};

/** The values of a request's expressions, before they are encoded for their positions in the request. */
export type RequestParts = {
  url: string;
  query: JsonObject;
  /** The headers without those of parameters. */
  headers: JsonObject;
  /**
   * The values in the order of the request's parameters, credentials included; null for a parameter that is left out.
   */
  parameters: Json[];
  body: Json;
};

/** The limit of the URL and the headers before they are encoded; servers accept far less. */
const HEAD_UNITS_MAX = 1024 * 1024;

/**
 * Encodes each value for its position, so that no value can add a parameter, a header or a field. An invalid URL is
 * replaced by `urlIfInvalid`; without this, it is an error.
 */
export function buildRequest(request: PreparedRequest, scope: Scope, urlIfInvalid?: string): BuiltRequest {
  const headBudget = budgetFor(
    'invalid_upstream_request',
    'URL and headers of the request are too large',
    HEAD_UNITS_MAX,
  );
  const bodyBudget = budgetFor('invalid_upstream_request', 'The body of the request is too large');
  const parameters = evaluateParameters(request.parameters, scope, headBudget);
  const placed = placeParameters(request.parameters, parameters, headBudget);
  const urlText = request.url(scope, headBudget, placed.path);
  const query = evaluateAll(request.query, scope, headBudget);
  const url = buildUrl(urlText, query, placed.query, headBudget) ?? URL.parse(urlIfInvalid ?? '');
  if (url === null) throw new AppError('invalid_upstream_request', 'The URL of the request is not valid');
  const ownHeaders = evaluateHeaders(request, scope, headBudget);
  for (const name of Object.keys(placed.headers)) delete ownHeaders[name];
  const headers = { ...ownHeaders, ...placed.headers };
  const value = request.body?.(scope, bodyBudget);
  const { body, contentType } = encodeBody(request, value, headers['content-type'], bodyBudget);
  if (contentType !== undefined) headers['content-type'] = ownHeaders['content-type'] = contentType;
  else for (const sent of [headers, ownHeaders]) delete sent['content-type'];
  return { url, headers, body, parts: { url: urlText, query, headers: ownHeaders, parameters, body: value ?? null } };
}

/**
 * Returns a request as expressions see it, without anything that was added for a security scheme. The parts are masked
 * before they are encoded again, because encoding can change how a value looks.
 */
export function toRequestScope(request: PreparedRequest, parts: RequestParts, redactor: Redactor): RequestScope {
  const { url, query, headers, parameters: values, body } = redactor.redact(parts) as RequestParts;
  // The request has been built once and sent, so a mask must not make it fail now.
  const budget = budgetFor('internal', 'The masked request is too large', Number.POSITIVE_INFINITY);
  const shown = values.map((value, index) => (request.parameters[index]?.isCredential ? null : value));
  const placed = placeParameters(request.parameters, shown, budget);
  const path = namedValues(request, shown, 'path');
  const hasPath = Object.keys(path).length > 0;
  // The URL of an operation depends only on its path parameters and on nothing else of a run.
  const urlText = hasPath ? request.url(NO_SCOPE, budget, placed.path) : url;
  return {
    method: request.method,
    url: buildUrl(urlText, query, placed.query, budget)?.href ?? urlText,
    ...(hasPath ? { path } : {}),
    query: { ...query, ...namedValues(request, shown, 'querystring'), ...namedValues(request, shown, 'query') },
    headers: { ...placed.headers, ...headers },
    body,
  };
}

type ParameterLocation = PreparedRequest['parameters'][number]['in'];

/** If the whole query is an object, its members are returned. */
function namedValues(
  { parameters }: PreparedRequest,
  values: readonly Json[],
  location: ParameterLocation,
): JsonObject {
  const named = parameters.flatMap((parameter, index): [string, Json][] => {
    const value = values[index] ?? null;
    if (parameter.in !== location || value === null) return [];
    if (location !== 'querystring') return [[parameter.name, value]];
    return typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : [];
  });
  return Object.fromEntries(named);
}

/** Leaves out entries whose whole value is missing. */
function evaluateAll(entries: PreparedRequest['query'], scope: Scope, budget: Budget): JsonObject {
  const values: JsonObject = Object.create(null);
  for (const [name, evaluate] of entries) {
    const value = evaluate(scope, budget);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function evaluateHeaders({ headers }: PreparedRequest, scope: Scope, budget: Budget): Record<string, string> {
  const values = Object.entries(evaluateAll(headers, scope, budget));
  if (values.some(([name]) => name === 'cookie')) throw cookieRefused();
  return Object.fromEntries(values.map(([name, value]) => [name, spendOn(toText(value, budget), budget)]));
}

function buildUrl(text: string, query: JsonObject, pieces: readonly string[], budget: Budget): URL | null {
  const url = URL.parse(text);
  if (url === null) return null;
  url.hash = '';
  const encode = (part: string) => encodeURIComponent(spendOn(part, budget).toWellFormed());
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    // A list repeats its key.
    [value].flat().map((item) => `${encode(name)}=${encode(toText(item, budget))}`),
  );
  const added = [...pairs, ...pieces];
  if (added.length > 0) url.search = [url.search.slice(1), ...added].filter((part) => part !== '').join('&');
  return url;
}

/** The scope for expressions that use no values of a run. */
export const NO_SCOPE: Scope = { inputs: {}, steps: {}, outputs: {}, secrets: {}, current_user: {}, config: {} };
