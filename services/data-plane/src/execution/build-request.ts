import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import { type Budget, type RequestScope, type Scope, spendUnits, toText } from '@toolplane/expressions';
import { budgetFor } from './evaluation-budget.ts';
import type { NamedTemplate, PreparedRequest } from './prepare-plan.ts';
import type { Redactor } from './redact.ts';

export type BuiltRequest = {
  url: URL;
  headers: Record<string, string>;
  body: string | undefined;
  parts: RequestParts;
};

/** What the expressions of a request gave, before it was encoded for its places. */
export type RequestParts = { url: string; query: JsonObject; headers: JsonObject; body: Json };

/** Of the URL and the headers before they are encoded; servers take far less. */
const HEAD_UNITS_MAX = 1024 * 1024;

/** Values are encoded for the place they stand in; none can add a parameter, a header or a field. */
export function buildRequest(request: PreparedRequest, scope: Scope): BuiltRequest {
  const headBudget = budgetFor(
    'invalid_upstream_request',
    'URL and headers of the request are too large',
    HEAD_UNITS_MAX,
  );
  const bodyBudget = budgetFor('invalid_upstream_request', 'The body of the request is too large');
  const urlText = request.url(scope, headBudget);
  const query = evaluateAll(request.query, scope, headBudget);
  const url = buildUrl(urlText, query, headBudget);
  if (url === null) throw new AppError('invalid_upstream_request', 'The URL of the request is not valid');
  const body = request.body?.(scope, bodyBudget) ?? null;
  const headers = Object.fromEntries(
    Object.entries(evaluateAll(request.headers, scope, headBudget)).map(([name, value]) => {
      return [name, spendOn(toText(value, headBudget), headBudget)];
    }),
  );
  const text = encodeBody(body, headers, bodyBudget);
  return { url, headers, body: text, parts: { url: urlText, query, headers, body } };
}

/** What expressions see of a request. Masked before a URL is made of it, because that can change how a value looks. */
export function toRequestScope({ method }: PreparedRequest, parts: RequestParts, redactor: Redactor): RequestScope {
  const { url, query, headers, body } = redactor.redact(parts) as RequestParts;
  // It was built once, and a mask must not make it fail now that it is sent.
  const budget = budgetFor('internal', 'The masked request is too large', Number.POSITIVE_INFINITY);
  return { method, url: buildUrl(url, query, budget)?.href ?? url, query, headers, body };
}

/** An entry whose whole value is missing is left out. */
function evaluateAll(entries: readonly NamedTemplate[], scope: Scope, budget: Budget): JsonObject {
  const values: JsonObject = Object.create(null);
  for (const [name, evaluate] of entries) {
    const value = evaluate(scope, budget);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function buildUrl(text: string, query: JsonObject, budget: Budget): URL | null {
  const url = URL.parse(text);
  if (url === null) return null;
  url.hash = '';
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    // A list repeats its key.
    [value].flat().map((item) => `${encode(spendOn(name, budget))}=${encode(spendOn(toText(item, budget), budget))}`),
  );
  if (parameters.length > 0) url.search = [url.search.slice(1), ...parameters].filter((part) => part !== '').join('&');
  return url;
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Sets the content type of what it encodes, unless the document did. */
function encodeBody(body: Json, headers: Record<string, string>, budget: Budget): string | undefined {
  if (body === null) return undefined;
  if (typeof body === 'string') return body;
  const contentType = headers['content-type'] ?? '';
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType) && typeof body === 'object' && !Array.isArray(body)) {
    return encodeForm(body, budget);
  }
  headers['content-type'] ??= 'application/json';
  return toText(body, budget);
}

function encodeForm(fields: JsonObject, budget: Budget): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const item of [value].flat()) form.append(spendOn(name, budget), spendOn(toText(item, budget), budget));
  }
  return form.toString();
}

/** For each copy of a text; one more for what stands between them. */
function spendOn(text: string, budget: Budget): string {
  spendUnits(budget, text.length + 1);
  return text;
}
