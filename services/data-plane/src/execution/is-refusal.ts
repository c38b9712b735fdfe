import type { UpstreamResponse } from '../egress/http-client.ts';

/**
 * The upstream does not accept the credentials, so it has done nothing. An answer behind a redirect to another origin
 * or with another method does not prove that: a POST that led to a page was done, whatever the page says.
 */
export function isRefusal({ status, isElsewhere }: UpstreamResponse): boolean {
  return !isElsewhere && (status === 401 || status === 403);
}
