import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import { type RequestScope, type Scope, toText } from '@toolplane/expressions';
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

/** Values are encoded for the place they stand in; none can add a parameter, a header or a field. */
export function buildRequest(request: PreparedRequest, scope: Scope): BuiltRequest {
  const urlText = request.url(scope);
  const query = evaluateAll(request.query, scope);
  const url = buildUrl(urlText, query);
  if (url === null) throw new AppError('invalid_upstream_request', 'The URL of the request is not valid');
  const body = request.body?.(scope) ?? null;
  const headers = Object.fromEntries(
    Object.entries(evaluateAll(request.headers, scope)).map(([name, value]) => [name, toText(value)]),
  );
  const text = encodeBody(body, headers);
  return { url, headers, body: text, parts: { url: urlText, query, headers, body } };
}

/** What expressions see of a request. Masked before a URL is made of it, because that can change how a value looks. */
export function toRequestScope({ method }: PreparedRequest, parts: RequestParts, redactor: Redactor): RequestScope {
  const { url, query, headers, body } = redactor.redact(parts) as RequestParts;
  return { method, url: buildUrl(url, query)?.href ?? url, query, headers, body };
}

/** An entry whose whole value is missing is left out. */
function evaluateAll(entries: readonly NamedTemplate[], scope: Scope): JsonObject {
  const values: JsonObject = Object.create(null);
  for (const [name, evaluate] of entries) {
    const value = evaluate(scope);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function buildUrl(text: string, query: JsonObject): URL | null {
  const url = URL.parse(text);
  if (url === null) return null;
  url.hash = '';
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    // A list repeats its key.
    [value].flat().map((item) => `${encode(name)}=${encode(toText(item))}`),
  );
  if (parameters.length > 0) url.search = [url.search.slice(1), ...parameters].filter((part) => part !== '').join('&');
  return url;
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** Sets the content type of what it encodes, unless the document did. */
function encodeBody(body: Json, headers: Record<string, string>): string | undefined {
  if (body === null) return undefined;
  if (typeof body === 'string') return body;
  const contentType = headers['content-type'] ?? '';
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType) && typeof body === 'object' && !Array.isArray(body)) {
    return encodeForm(body);
  }
  headers['content-type'] ??= 'application/json';
  return toText(body);
}

function encodeForm(fields: JsonObject): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const item of [value].flat()) form.append(name, toText(item));
  }
  return form.toString();
}
