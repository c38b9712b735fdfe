import { type DebugRequest, type DebugResponse, debugLimits, type Json } from '@toolplane/contracts';
import type { UpstreamResponse } from '../egress/http-client.ts';
import { isCredentialParameter } from '../execution/credential-names.ts';
import type { BuiltRequest } from '../execution/requests/build-request.ts';
import type { PreparedRequest } from '../execution/requests/prepare-request.ts';
import { MASKED, type Mask } from './mask.ts';
import { showBody, showValue } from './show-value.ts';

/** The headers that are shown; all others may be credentials, or identify a person. */
const REQUEST_HEADERS = new Set([
  'accept',
  'accept-language',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'prefer',
  'range',
  'user-agent',
  'x-request-id',
]);
const RESPONSE_HEADERS = new Set([
  'age',
  'allow',
  'cache-control',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'deprecation',
  'etag',
  'expires',
  'last-modified',
  'link',
  'location',
  'ratelimit',
  'ratelimit-limit',
  'ratelimit-policy',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'sunset',
  'vary',
  'warning',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-request-id',
  'x-total-count',
]);
const HEADER_LENGTH_MAX = 1024;
const PARAMETERS_MAX = 200;

/** The parameters that a security scheme uses for credentials in this request are masked, whatever their names. */
export function showRequest(
  { method, parameters }: Pick<PreparedRequest, 'method' | 'parameters'>,
  { url, headers, body }: BuiltRequest,
  mask: Mask,
): DebugRequest {
  const credentials = new Set(parameters.filter((it) => it.isCredential).map((it) => it.name));
  const isHidden = (name: string) => credentials.has(name) || isCredentialParameter(name);
  const shown = new URL(url);
  shown.username = shown.password = '';
  shown.search = shown.search.replaceAll(PARAMETER, (whole, before: string, name: string) =>
    isHidden(decode(name)) ? `${before}${name}=${encodeURIComponent(MASKED)}` : whole,
  );
  const sent = showBody(body, headers['content-type'], mask);
  return {
    method,
    url: mask.text(shown.href).slice(0, debugLimits.urlLengthMax),
    query: showQuery(url, isHidden, mask),
    headers: showHeaders(headers, (name) => REQUEST_HEADERS.has(name) && !credentials.has(name), mask),
    ...(sent === undefined ? {} : { body: sent }),
  };
}

export function showResponse({ status, headers, body }: UpstreamResponse, mask: Mask): DebugResponse {
  const got = showBody(body, headers['content-type'], mask);
  return {
    status,
    headers: showHeaders(headers, (name) => RESPONSE_HEADERS.has(name), mask),
    ...(got === undefined ? {} : { body: got }),
  };
}

/**
 * Shows a request to an external server: only the message, which is the only part of the request that comes from a
 * document.
 */
export function showExternalRequest(target: string, message: Json, mask: Mask): DebugRequest {
  const url = new URL(target);
  const shown = mask.text(url.origin + url.pathname).slice(0, debugLimits.urlLengthMax);
  return { method: 'POST', url: shown, query: {}, headers: {}, body: showValue(message, mask) };
}

const PARAMETER = /([?&])([^=&]{1,500})=[^&]+/g;

function showQuery({ searchParams }: URL, isHidden: (name: string) => boolean, mask: Mask): DebugRequest['query'] {
  const query: DebugRequest['query'] = Object.create(null);
  for (const name of [...new Set(searchParams.keys())].slice(0, PARAMETERS_MAX)) {
    const values = searchParams.getAll(name).map((value) => (isHidden(name) ? MASKED : cut(mask.text(value))));
    const [only = '', ...others] = values;
    query[mask.text(name)] = others.length === 0 ? only : values.slice(0, PARAMETERS_MAX);
  }
  return { ...query };
}

function showHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  isShown: (name: string) => boolean,
  mask: Mask,
): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !isShown(name)) continue;
    shown[name] = cut(mask.text([value].flat().join(', ')));
  }
  return shown;
}

const cut = (text: string) => text.slice(0, HEADER_LENGTH_MAX).toWellFormed();

function decode(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
