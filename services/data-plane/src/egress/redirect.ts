import { AppError, type HttpMethod } from '@toolplane/contracts';
import { matchesHost } from './host-pattern.ts';
import type { UpstreamRequest } from './upstream-request.ts';

type Hop = Pick<UpstreamRequest, 'method' | 'headers' | 'body'> & { url: string | URL };

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Returns the request to send after a redirect, by the rules of the Fetch standard, or undefined if the answer is not a
 * redirect. The plan wrote its headers and its body for one origin: another origin receives none of them, whatever
 * their names.
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

/** Throws if a redirect leads to a host that is not in the list; the request's own host is always allowed. */
export function checkRedirect(redirectHosts: UpstreamRequest['redirectHosts'], from: URL, to: URL): void {
  if (redirectHosts === undefined || to.host === from.host || matchesHost(redirectHosts, to)) return;
  if (to.hostname === from.hostname && !namesPortsOf(redirectHosts, from)) return;
  const remedy = 'add it to the allowed hosts of the server, if that is meant';
  throw new AppError(
    'redirect_refused',
    `The upstream redirects to ${to.host}, which this server does not allow: ${remedy}`,
  );
}

/** Returns whether the list contains this host with a port: then other ports of the host are not allowed. */
function namesPortsOf(hosts: readonly string[], url: URL): boolean {
  const withPort = hosts.filter((host) => host.includes(':'));
  return matchesHost(
    withPort.map((host) => host.slice(0, host.indexOf(':'))),
    url,
  );
}

function methodAfter(status: number, method: HttpMethod): HttpMethod {
  if (method === 'HEAD') return method;
  if (status === 303) return 'GET';
  return method === 'POST' && (status === 301 || status === 302) ? 'GET' : method;
}

function withoutContent(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));
}
