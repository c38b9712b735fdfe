import type { UpstreamResponse } from '../egress/http-client.ts';

/**
 * The upstream does not take the credentials, so it has done nothing. What answers behind a redirect to another origin
 * or with another method says neither: a POST that led to a page was done, whatever the page says.
 */
export function isRefusal({ status, isElsewhere }: UpstreamResponse): boolean {
  return !isElsewhere && (status === 401 || status === 403);
}
