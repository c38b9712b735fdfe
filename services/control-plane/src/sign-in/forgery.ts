import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';

const HEADER = 'x-csrf-token';

/**
 * A value that only our own pages can know: they read it from an answer, which other sites cannot. Valid for one
 * session, as long as that lasts.
 */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('csrf').digest('base64url');
}

/**
 * Refuses requests that another site makes a browser send with its cookies. Browsers state the origin of a request in
 * one of two headers, and send JSON across sites only if the server allows it, which it does not.
 */
export function refuseOtherSites({ headers }: IncomingMessage, publicUrl: string): void {
  const { 'sec-fetch-site': site, origin, 'content-type': type } = headers;
  const isOwn = site === undefined ? origin === new URL(publicUrl).origin : site === 'same-origin';
  if (!isOwn) throw new AppError('forbidden', 'Only pages of this host may send this request');
  if (type !== undefined && !/^application\/json\b/i.test(type)) {
    throw new AppError('forbidden', 'Only JSON is accepted here');
  }
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
