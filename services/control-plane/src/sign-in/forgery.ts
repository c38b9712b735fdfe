import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';

const HEADER = 'x-csrf-token';

/** What only pages of ours can know: they read it from an answer, which other sites cannot. Of one session, for its life. */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('csrf').digest('base64url');
}

/**
 * Refuses what another site has a browser send with its cookies. Browsers say where a request comes from, in one header
 * or the other, and send JSON across sites only where they are allowed to, which they are not.
 */
export function refuseOtherSites({ headers }: IncomingMessage, publicUrl: string): void {
  const { 'sec-fetch-site': site, origin, 'content-type': type } = headers;
  const isOwn = site === undefined ? origin === new URL(publicUrl).origin : site === 'same-origin';
  if (!isOwn) throw new AppError('forbidden', 'Only pages of this host may send this request');
  if (type !== undefined && !/^application\/json\b/i.test(type)) {
    throw new AppError('forbidden', 'Only JSON is accepted here');
  }
}

/** The same, and for whoever has a session: that a page of theirs sent it. */
export function refuseForgery(req: IncomingMessage, publicUrl: string, sessionToken: string): void {
  refuseOtherSites(req, publicUrl);
  const sent = Buffer.from(req.headers[HEADER]?.toString() ?? '');
  const expected = Buffer.from(csrfTokenOf(sessionToken));
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) {
    throw new AppError('forbidden', `The header ${HEADER} does not belong to this session`);
  }
}
