import type {
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { AppError } from '@toolplane/contracts';
import { z } from 'zod';

/** What a server wants of a token (RFC 6750, RFC 9728). */
export type Challenge = { scope?: string; resourceMetadataUrl?: string };

/**
 * What is known of the sign-in to an external server, from its beginning to the last refresh. Client and tokens name the
 * authorization server that gave them, and are shown to no other.
 */
export type OAuthState = {
  redirectUri: string;
  /** Where a client metadata document of ours can be read, which stands for a registration. */
  clientMetadataUrl?: string;
  client?: StoredOAuthClientInformation;
  tokens?: StoredOAuthTokens;
  /** Of the tokens, in Unix milliseconds; absent when nobody said it. */
  expiresAt?: number;
  discovery?: OAuthDiscoveryState;
  /** Of PKCE, while somebody is away to sign in. */
  verifier?: string;
  /** What the tokens were not enough for. */
  challenge?: Challenge;
};

/** The forms of the libraries' own parts are the libraries' matter: what is kept comes back as it was. */
const stateSchema = z.looseObject({ redirectUri: z.string() });

/** The cause is dropped: a parser's message would quote the tokens. */
export function parseOAuthState(text: string): OAuthState {
  try {
    return stateSchema.parse(JSON.parse(text)) as OAuthState;
  } catch {
    throw new AppError('secret_unavailable', 'What is kept of the sign-in cannot be read');
  }
}
