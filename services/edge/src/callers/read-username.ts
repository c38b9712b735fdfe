import type { IncomingHttpHeaders } from 'node:http';
import { AppError, usernamePattern } from '@toolplane/contracts';
import type { Principal, TokenPrincipal } from './principal.ts';

/**
 * Whom `x-username` names, or else the token is of. Read once for each request, whatever it asks for: a malformed name never counts as none, which
 * would be everybody's.
 */
export function readUsername(
  { 'x-username': username }: IncomingHttpHeaders,
  principal: Principal,
): string | undefined {
  if (username === undefined) return principal.kind === 'token' ? principal.username : undefined;
  // Whoever has no key could call with the credentials of any user.
  if (principal.kind === 'anonymous') throw new AppError('invalid_request', 'x-username needs an API key besides');
  if (principal.kind === 'token') return subjectNamedBy(username, principal);
  if (principal.mayAssertUser === false)
    throw new AppError('forbidden', 'This key may not speak for users: leave x-username out');
  // Node joins a repeated header with a comma, which no name has.
  if (typeof username === 'string' && usernamePattern.test(username)) return username;
  throw new AppError('invalid_request', 'x-username is sent once: 1 to 255 letters, digits and . _ @ + - of ASCII');
}

/** A token is of one user, who may name himself and nobody else. */
function subjectNamedBy(username: unknown, { username: subject }: TokenPrincipal): string {
  if (subject !== undefined && username === subject) return subject;
  throw new AppError('forbidden', 'x-username names another user than the token is of: leave it out');
}
