import type {
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { AppError } from '@toolplane/contracts';
import { z } from 'zod';

/** What a server requires of a token (RFC 6750, RFC 9728). */
export type Challenge = { scope?: string; resourceMetadataUrl?: string };

/**
 * What is known of the sign-in to an external server, from its beginning to the last refresh. Client and tokens name
 * the authorization server that issued them, and are shown to no other.
 */
export type OAuthState = {
  redirectUri: string;
  /** The URL of our client metadata document, which replaces a registration. */
  clientMetadataUrl?: string;
  client?: StoredOAuthClientInformation;
  tokens?: StoredOAuthTokens;
  /** When the tokens expire, in Unix milliseconds; absent when the server did not say. */
  expiresAt?: number;
  discovery?: OAuthDiscoveryState;
  /** The PKCE verifier, while a person is signing in. */
  verifier?: string;
  /** What the tokens were not sufficient for. */
  challenge?: Challenge;
};

/** The libraries define the forms of their own parts: what is stored comes back as it was. */
const stateSchema = z.looseObject({ redirectUri: z.string() });

/** The cause is dropped: a parser's message would quote the tokens. */
export function parseOAuthState(text: string): OAuthState {
  try {
    return stateSchema.parse(JSON.parse(text)) as OAuthState;
  } catch {
    throw new AppError('secret_unavailable', 'The stored state of the sign-in cannot be read');
  }
}
