import { OAuthError } from '@modelcontextprotocol/client';
import { AppError, toAppError } from '@toolplane/contracts';
import { UpstreamError } from '../../egress/upstream-error.ts';
import { cleanText } from '../clean-text.ts';

const NAME_LENGTH_MAX = 64;

/**
 * Why a sign-in failed. Of an authorization server's error only the name is repeated: its text may quote what it was
 * sent.
 */
export function toSignInError(thrown: unknown, failure: UpstreamError | undefined): AppError {
  if (failure !== undefined) return new AppError(failure.code, `The sign-in failed: ${failure.message}`);
  if (thrown instanceof UpstreamError || thrown instanceof AppError) return toAppError(thrown);
  if (thrown instanceof OAuthError) {
    const { text } = cleanText(String(thrown.code), { lengthMax: NAME_LENGTH_MAX, isOneLine: true });
    return new AppError('credentials_refused', `The authorization server refused the sign-in (${text})`);
  }
  // Checks of the library: of the issuer, of the resource, of addresses.
  const { text } = cleanText(thrown instanceof Error ? thrown.message : 'unknown', { lengthMax: 300, isOneLine: true });
  return new AppError('external_server_failed', `The sign-in cannot be done safely: ${text}`);
}
