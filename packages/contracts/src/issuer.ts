import { z } from 'zod';

/**
 * What a token may do at a server. `tools:read`: list its tools, and call those that declare that they only read.
 * `tools:call`: also call every other tool.
 */
export const toolScopes = ['tools:read', 'tools:call'] as const;
export type ToolScope = (typeof toolScopes)[number];

const publicKeySchema = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string().length(43),
  y: z.string().length(43),
  kid: z.string().min(1).max(200),
  alg: z.literal('ES256'),
  use: z.literal('sig'),
});

/** The platform's own authorization server, as published for edges, signed. */
export const issuerSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('issuer'),
  /** Grows with each publication. */
  revision: z.int().min(1),
  /** Identical to the `iss` of its tokens. */
  issuer: z.string(),
  /** The public halves of its keys. Any of them may have signed a token that is still valid. */
  jwks: z.strictObject({ keys: z.array(publicKeySchema).min(1).max(10) }),
});
export type Issuer = z.infer<typeof issuerSchema>;
/** The media type in the header of its access tokens (RFC 9068). */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

/**
 * The claims of its access tokens other than `iss`, `aud` (the URL of one server, and nothing else), `exp`, `iat` and
 * `jti`. Tokens may have other claims.
 */
export const accessTokenClaimsSchema = z.object({
  /** A person, or an agent that acts on its own behalf. */
  sub: z.string().regex(/^(?:psn|agt)_[\w-]{1,64}$/),
  client_id: z.string().min(1).max(2000),
  /** Words separated by blanks. They may include scopes other than tool scopes. */
  scope: z.string().max(1000),
  /** The workspace of the server. */
  tp_ws: z.string().min(1).max(64),
  /** `role:<name>`, the role of the person in that workspace. Absent for an agent. */
  groups: z.array(z.string().max(128)).max(10).optional(),
});
export type AccessTokenClaims = z.infer<typeof accessTokenClaimsSchema>;
