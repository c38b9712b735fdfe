import { z } from 'zod';

/**
 * What a token may do at a server. `tools:read`: see its tools, and call those that say that they only read.
 * `tools:call`: that, and call every tool.
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

/** The platform's own authorization server, as edges know it. Published, signed. */
export const issuerSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('issuer'),
  /** Grows with each publication. */
  revision: z.int().min(1),
  /** Exactly as in the `iss` of its tokens. */
  issuer: z.string(),
  /** The public halves; any of them may have signed a token that is still good. */
  jwks: z.strictObject({ keys: z.array(publicKeySchema).min(1).max(10) }),
});
export type Issuer = z.infer<typeof issuerSchema>;
/** The media type in the header of its access tokens (RFC 9068). */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

/**
 * The claims of its access tokens other than `iss`, `aud` (the URL of one server, and nothing else), `exp`, `iat` and
 * `jti`. Other claims may be there.
 */
export const accessTokenClaimsSchema = z.object({
  /** A person, or an agent that speaks for itself. */
  sub: z.string().regex(/^(?:psn|agt)_[\w-]{1,64}$/),
  client_id: z.string().min(1).max(2000),
  /** Words separated by blanks; they may include other scopes than tool scopes. */
  scope: z.string().max(1000),
  /** The workspace of the server. */
  tp_ws: z.string().min(1).max(64),
  /** `role:<name>`, what the person is in that workspace. Absent: an agent. */
  groups: z.array(z.string().max(128)).max(10).optional(),
});
export type AccessTokenClaims = z.infer<typeof accessTokenClaimsSchema>;
