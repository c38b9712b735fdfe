import type { TokenPrincipal } from '../principal.ts';

/** Called before Redis is queried about a key, or an issuer about a token. Rejects with `rate_limited`. */
export type MayAsk = () => Promise<void>;

/**
 * Returns the caller that a token represents at the server with this id. Throws `unauthenticated` whatever is wrong
 * with the token, and also if the server does not exist; throws `config_unavailable` if the keys of its issuer cannot
 * be fetched.
 */
export type AuthenticateToken = (serverId: string, token: string, mayAsk: MayAsk) => Promise<TokenPrincipal>;
