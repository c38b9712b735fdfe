import { z } from 'zod';
import { textOf } from '../../platform/request-schemas.ts';

const AGE_SECONDS_DEFAULT = 3600;
const AGE_SECONDS_MAX = 86_400;

const urlSchema = z
  .string()
  .max(1000)
  .refine(isPlainUrl, 'must be an https URL (or http where the data plane may use it) without credentials or fragment');

/** A scope (RFC 6749, section 3.3), with only those characters that need no escaping in a challenge. */
const scopeSchema = z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/, 'must be a scope: one word of ASCII');
const claimSchema = textOf(200).min(1);

/** The authorization server whose tokens a server accepts, as described by the server's owner. */
export const ownIssuerSchema = z
  .strictObject({
    issuer: urlSchema
      .refine((url) => !url.includes('?'), 'must not have a query')
      .meta({ description: 'Exactly as in its metadata and in the `iss` of its tokens' }),
    tokens: z.enum(['jwt', 'opaque']).default('jwt').meta({
      description: '`jwt`: verified with the keys of the issuer. `opaque`: sent to its UserInfo endpoint',
    }),
    jwksUri: urlSchema.optional().meta({ description: 'For `jwt`: URL of its keys. Absent: the URL in its metadata' }),
    userinfoEndpoint: urlSchema.optional().meta({ description: 'For `opaque`. Absent: the URL in its metadata' }),
    audience: textOf(1000).min(1).optional().meta({
      description: 'For `jwt`: the value that `aud` must be or contain. Absent: the URL of the server, `…/mcp/{id}`',
    }),
    maxTokenAgeSeconds: z.int().min(60).max(AGE_SECONDS_MAX).default(AGE_SECONDS_DEFAULT).meta({
      description: 'For `jwt`: the maximum age of a token; an older token is refused even if it has not expired',
    }),
    scopes: z.strictObject({ read: scopeSchema.optional(), call: scopeSchema.optional() }).optional().meta({
      description:
        'For `jwt`: what the issuer calls the scopes `tools:read` and `tools:call`. A scope that is left out is not required',
    }),
    claims: z
      .strictObject({ username: claimSchema.optional(), groups: claimSchema.optional() })
      .optional()
      .meta({ description: 'The claims with the user and the groups of the user. Absent: `sub` and `groups`' }),
  })
  .superRefine((settings, { addIssue }) => {
    for (const name of settings.tokens === 'jwt' ? (['userinfoEndpoint'] as const) : OF_JWT) {
      if (settings[name] === undefined) continue;
      addIssue({ code: 'custom', path: [name], message: `does not apply to ${settings.tokens} tokens` });
    }
  })
  .meta({ id: 'OwnIssuer' });

const OF_JWT = ['jwksUri', 'audience', 'scopes'] as const;

/** The issuer as it is stored and shown: with the endpoint from its metadata. */
export type OwnIssuer = z.infer<typeof ownIssuerSchema>;

function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false;
  return url.username === '' && url.password === '' && !text.includes('#');
}
