import { OAuthError, RegistrationRejectedError } from '@modelcontextprotocol/client';
import { AppError, toAppError } from '@toolplane/contracts';
import { UpstreamError } from '../../egress/upstream-error.ts';
import { cleanText } from '../clean-text.ts';
import type { OAuthState } from './oauth-state.ts';

const NAME_LENGTH_MAX = 64;

const NAMES_NO_SERVER =
  'The external server names no authorization server (no protected resource metadata, RFC 9728), so nobody can sign in. If it takes a key, send the key in "headers". If it is a server of Toolplane, use the URL with its id';

/**
 * Returns the reason why a sign-in failed. Only the name of an authorization server's error is repeated: its text may
 * quote what the server received.
 */
export function toSignInError(
  thrown: unknown,
  failure: UpstreamError | undefined,
  found?: OAuthState['discovery'],
): AppError {
  if (failure !== undefined) return new AppError(failure.code, `The sign-in failed: ${failure.message}`);
  if (thrown instanceof UpstreamError || thrown instanceof AppError) return toAppError(thrown);
  if (thrown instanceof OAuthError) {
    const { text } = cleanText(String(thrown.code), { lengthMax: NAME_LENGTH_MAX, isOneLine: true });
    return new AppError('credentials_refused', `The authorization server refused the sign-in (${text})`);
  }
  // Without metadata, the library uses the host of the server itself, as servers of 2025-03-26 expect.
  if (thrown instanceof RegistrationRejectedError && !found?.resourceMetadata && !found?.authorizationServerMetadata) {
    return new AppError('external_server_failed', NAMES_NO_SERVER);
  }
  // The library checks the issuer, the resource and addresses, and throws these errors.
  const { text } = cleanText(thrown instanceof Error ? thrown.message : 'unknown', { lengthMax: 300, isOneLine: true });
  return new AppError('external_server_failed', `The sign-in cannot be done safely: ${text}`);
}
