import type {
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { AppError } from '@toolplane/contracts';
import { z } from 'zod';

/** The requirements of a server for a token (RFC 6750, RFC 9728). */
export type Challenge = { scope?: string; resourceMetadataUrl?: string };

/**
 * The state of the sign-in to an external server, from its beginning to the last refresh. The client and the tokens
 * name the authorization server that issued them, and are sent to no other.
 */
export type OAuthState = {
  redirectUri: string;
  /** The URL of our client metadata document, which replaces a registration. */
  clientMetadataUrl?: string;
  client?: StoredOAuthClientInformation;
  tokens?: StoredOAuthTokens;
  /** The time at which the tokens expire, in Unix milliseconds; absent if the server did not say. */
  expiresAt?: number;
  discovery?: OAuthDiscoveryState;
  /** The PKCE verifier; present while a person is signing in. */
  verifier?: string;
  /** The requirements that the tokens did not meet. */
  challenge?: Challenge;
};

/** The libraries define the schemas of their own parts, so these are stored and returned unchanged. */
const stateSchema = z.looseObject({ redirectUri: z.string() });

/** The cause is dropped, because a parser's message would quote the tokens. */
export function parseOAuthState(text: string): OAuthState {
  try {
    return stateSchema.parse(JSON.parse(text)) as OAuthState;
  } catch {
    throw new AppError('secret_unavailable', 'The stored state of the sign-in cannot be read');
  }
}
