import type { UpstreamResponse } from '../egress/http-client.ts';

/**
 * Returns whether the upstream refused the credentials, and so has done nothing. A response after a redirect to another
 * origin or method does not prove that: a POST that led to a page was executed, whatever the page says.
 */
export function isRefusal({ status, isElsewhere }: UpstreamResponse): boolean {
  return !isElsewhere && (status === 401 || status === 403);
}
