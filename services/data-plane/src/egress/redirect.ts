import { AppError, type HttpMethod } from '@toolplane/contracts';
import type { UpstreamRequest } from './http-client.ts';

type Hop = Pick<UpstreamRequest, 'method' | 'headers' | 'body'> & { url: string | URL };

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * What to request after a redirect, by the rules of the Fetch standard; nothing when the answer is not a redirect. The
 * plan wrote its headers and its body for one origin: another origin gets none of them, whatever their names.
 */
export function followRedirect(
  request: Hop,
  from: URL,
  answer: { status: number; headers: { location?: string | undefined } },
): (Hop & { url: URL }) | undefined {
  const { location } = answer.headers;
  if (location === undefined || !REDIRECTS.has(answer.status)) return undefined;
  const url = URL.parse(location, from.href);
  if (url === null) throw new AppError('upstream_bad_response', 'The upstream redirects to a URL that is not valid');
  const method = methodAfter(answer.status, request.method);
  const isSafe = method === 'GET' || method === 'HEAD';
  if (url.origin === from.origin) {
    return isSafe ? { url, method, headers: withoutContent(request.headers) } : { ...request, url, method };
  }
  if (!isSafe) throw new AppError('redirect_refused', `The upstream redirects a ${method} request to another origin`);
  return { url, method, headers: {} };
}

function methodAfter(status: number, method: HttpMethod): HttpMethod {
  if (method === 'HEAD') return method;
  if (status === 303) return 'GET';
  return method === 'POST' && (status === 301 || status === 302) ? 'GET' : method;
}

function withoutContent(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));
}
