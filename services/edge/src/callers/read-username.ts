import type { IncomingHttpHeaders } from 'node:http';
import { AppError, usernamePattern } from '@toolplane/contracts';
import type { Principal, TokenPrincipal } from './principal.ts';

/**
 * Returns the user that `x-username` names, or otherwise the user of the token. Read once for each request, whatever
 * the request is for. A malformed name never counts as no name, which would apply to everybody.
 */
export function readUsername(
  { 'x-username': username }: IncomingHttpHeaders,
  principal: Principal,
): string | undefined {
  if (username === undefined) return principal.kind === 'token' ? principal.username : undefined;
  // Otherwise a caller without a key could use the credentials of any user.
  if (principal.kind === 'anonymous')
    throw new AppError('invalid_request', 'x-username requires an API key in the same request');
  if (principal.kind === 'token') return subjectNamedBy(username, principal);
  if (principal.mayAssertUser === false)
    throw new AppError('forbidden', 'This key may not act for users: omit x-username');
  // Node joins repeated headers with a comma, which no name contains.
  if (typeof username === 'string' && usernamePattern.test(username)) return username;
  throw new AppError(
    'invalid_request',
    'x-username must be sent once, with 1 to 255 characters: ASCII letters, digits and . _ @ + -',
  );
}

/** A token belongs to one user, and `x-username` may only repeat that user. */
function subjectNamedBy(username: unknown, { username: subject }: TokenPrincipal): string {
  if (subject !== undefined && username === subject) return subject;
  throw new AppError('forbidden', 'x-username names a user other than the user of the token: omit it');
}
