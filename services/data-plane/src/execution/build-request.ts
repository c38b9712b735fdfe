import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import { type RequestScope, type Scope, toText } from '@toolplane/expressions';
import type { NamedTemplate, PreparedRequest } from './prepare-plan.ts';

export type BuiltRequest = {
  url: URL;
  headers: Record<string, string>;
  body: string | undefined;
  /** What expressions see of it. */
  scope: RequestScope;
};

/** Values are encoded for the place they stand in; none can add a parameter, a header or a field. */
export function buildRequest(request: PreparedRequest, scope: Scope): BuiltRequest {
  const query = evaluateAll(request.query, scope);
  const url = buildUrl(request.url(scope), query);
  const body = request.body?.(scope) ?? null;
  const headers = Object.fromEntries(
    Object.entries(evaluateAll(request.headers, scope)).map(([name, value]) => [name, toText(value)]),
  );
  const text = encodeBody(body, headers);
  return { url, headers, body: text, scope: { method: request.method, url: url.href, query, headers, body } };
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

function buildUrl(text: string, query: JsonObject): URL {
  const url = URL.parse(text);
  if (url === null) throw new AppError('invalid_upstream_request', 'The URL of the request is not valid');
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
