import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { isLoopbackHost } from '@toolplane/service-kit';

const HEADER = 'x-csrf-token';

/**
 * A value that only our own pages can know: they read it from an answer, which other sites cannot. Valid for one
 * session, as long as that lasts.
 */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('csrf').digest('base64url');
}

/**
 * Refuses requests that another site makes a browser send with its cookies. Browsers state the origin of a request that
 * changes something, and send JSON across sites only if the server allows it, which it does not. `sec-fetch-site` alone
 * proves nothing: it also says `same-origin` at a name that somebody has rebound to this address.
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

/** On one machine, all of its names are the same. */
function isOwnOrigin(origin: string | undefined, { origin: own, hostname, port }: URL): boolean {
  if (origin === own) return true;
  const asked = origin === undefined ? null : URL.parse(origin);
  return (
    asked?.protocol === 'http:' && asked.port === port && isLoopbackHost(asked.hostname) && isLoopbackHost(hostname)
  );
}

/** The same check and, if there is a session, that one of its own pages sent the request. */
export function refuseForgery(req: IncomingMessage, publicUrl: string, sessionToken: string): void {
  refuseOtherSites(req, publicUrl);
  const sent = Buffer.from(req.headers[HEADER]?.toString() ?? '');
  const expected = Buffer.from(csrfTokenOf(sessionToken));
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) {
    throw new AppError('forbidden', `The header ${HEADER} does not belong to this session`);
  }
}
