import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { isLoopbackHost } from '@toolplane/service-kit';

const HEADER = 'x-csrf-token';

/**
 * A value that only our own pages can know: they read it from a response, which other sites cannot do. It is valid for
 * one session and ends with it.
 */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('csrf').digest('base64url');
}

/**
 * Refuses requests that another site makes a browser send with its cookies. Browsers state the origin of a request that
 * changes something, and send JSON to another site only if that server allows it, which this one does not.
 * `sec-fetch-site` alone proves nothing: it is also `same-origin` for a host name that somebody has rebound to this
 * address.
 */
export function refuseOtherSites({ headers }: IncomingMessage, publicUrl: string): void {
  const { 'sec-fetch-site': site = 'same-origin', origin, 'content-type': type } = headers;
  if (site !== 'same-origin' || !isOwnOrigin(origin, new URL(publicUrl))) {
    throw new AppError('forbidden', 'Only pages of this host may send this request');
  }
  if (type !== undefined && !/^application\/json\b/i.test(type)) {
    throw new AppError('forbidden', 'Only JSON is accepted here');
  }
}

/** If the control plane is addressed as this machine, all loopback names are considered the same host. */
function isOwnOrigin(origin: string | undefined, { origin: own, hostname, port }: URL): boolean {
  if (origin === own) return true;
  const asked = origin === undefined ? null : URL.parse(origin);
  return (
    asked?.protocol === 'http:' && asked.port === port && isLoopbackHost(asked.hostname) && isLoopbackHost(hostname)
  );
}

/** Makes the same checks, and also checks that a page of this session sent the request. */
export function refuseForgery(req: IncomingMessage, publicUrl: string, sessionToken: string): void {
  refuseOtherSites(req, publicUrl);
  const sent = Buffer.from(req.headers[HEADER]?.toString() ?? '');
  const expected = Buffer.from(csrfTokenOf(sessionToken));
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) {
    throw new AppError('forbidden', `The header ${HEADER} does not belong to this session`);
  }
}
