import { httpMethods } from '@toolplane/contracts';
import { z } from 'zod';
import { fieldSchema } from './field-schema.ts';
import { anyValueSchema, nameSchema, templateTextSchema, urlSchema } from './values.ts';
import type { authenticationTypes } from './vocabulary.ts';

const ID = /^[a-z][a-z0-9_-]{0,63}$/;
const ID_RULE = 'An id starts with a lowercase letter, followed by lowercase letters, digits, "_" and "-"';
const STATUS_RULE = 'This must be a status from 100 to 599, or a list of them';

const testEndpointSchema = z.strictObject({
  url: urlSchema.meta({ description: 'An endpoint that answers only a signed-in caller.' }),
  method: z.enum(httpMethods).default('GET').meta({ description: 'HTTP method.' }),
  expected_status: z
    .union([z.int().min(100).max(599), z.array(z.int().min(100).max(599)).min(1).max(20)], STATUS_RULE)
    .default(200)
    .meta({ description: 'The expected status, or a list of all that are accepted.' }),
});

const base = {
  id: z
    .string()
    .regex(ID, ID_RULE)
    .optional()
    .meta({ description: 'Name for auth_type_ref; required if two have the same type.' }),
  fields: z
    .array(fieldSchema)
    .max(50)
    .default([])
    .meta({ description: 'What a person fills in; the values are credentials.' }),
  test_endpoint: testEndpointSchema.optional().meta({ description: 'Called to test a connection.' }),
};

/** Settings for credentials that come with a call in `X-Upstream-Authorization`. */
const own = {
  caller_token: z
    .enum(['pass', 'refuse'])
    .optional()
    .meta({ description: 'Whether callers may send their own credentials with a call, which the API gets unchanged.' }),
};

const oauth = {
  token_url: urlSchema.meta({ description: 'RFC 6749, 3.2.' }),
  scopes: z.array(z.string().min(1).max(500)).max(200).default([]).meta({ description: 'Requested with the token.' }),
  client_auth: z
    .enum(['basic', 'body'])
    .default('basic')
    .meta({ description: 'Where the token request carries client id and secret.' }),
};

const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s#]+$/;

const exchange = {
  audience: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'The name of the API at the token endpoint (RFC 8693, 2.1).' }),
  resource: z
    .string()
    .max(4000)
    .regex(URI, 'A resource is an absolute URI without a fragment')
    .optional()
    .meta({ description: 'The URI of the API (RFC 8707).' }),
  subject_token_type: z
    .string()
    .max(1000)
    .regex(URI, 'A token type is a URI, such as urn:ietf:params:oauth:token-type:jwt')
    .default('urn:ietf:params:oauth:token-type:access_token')
    .meta({ description: "The type of the caller's token (RFC 8693, 3)." }),
};

/** The three types of OAuth 2.0 implicitly have the fields `client_id` and `client_secret`. */
export const authenticationSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: typed('none', 'The API requires no credentials.'), ...base }),
  z.strictObject({ type: typed('api_key', 'A key, sent where auth_headers or auth_query say.'), ...base, ...own }),
  z.strictObject({ type: typed('bearer', 'A token in the Authorization header.'), ...base, ...own }),
  z.strictObject({ type: typed('basic', 'User name and password in the Authorization header.'), ...base, ...own }),
  z.strictObject({
    type: typed('oauth2_client_credentials', 'OAuth 2.0: the client signs in with its own credentials.'),
    ...base,
    ...own,
    ...oauth,
  }),
  z.strictObject({
    type: typed('oauth2_authorization_code', 'OAuth 2.0: a person signs in.'),
    ...base,
    ...own,
    ...oauth,
    authorization_url: urlSchema.meta({ description: 'RFC 6749, 3.1; always with PKCE.' }),
  }),
  z.strictObject({
    type: typed('oauth2_token_exchange', "OAuth 2.0: the caller's own token is exchanged for one for the API."),
    ...base,
    ...oauth,
    ...exchange,
  }),
  z.strictObject({
    type: typed('custom', 'Fields of any kind, and sign-ins that take several requests.'),
    ...base,
    ...own,
  }),
]);
export type Authentication = z.output<typeof authenticationSchema>;

function typed<Type extends (typeof authenticationTypes)[number]>(type: Type, description: string) {
  return z.literal(type).meta({ description });
}

const chainRequestSchema = z.strictObject({
  method: z.enum(httpMethods).default('POST').meta({ description: 'HTTP method.' }),
  url: urlSchema.meta({ description: 'Absolute URL; its path and query are a template.' }),
  headers: z.record(nameSchema, templateTextSchema).optional().meta({ description: 'Templates by header.' }),
  query: z.record(nameSchema, templateTextSchema).optional().meta({ description: 'Templates by parameter.' }),
  body: anyValueSchema.optional().meta({ description: 'An object whose strings are templates, or one string.' }),
  body_encoding: z.enum(['json', 'form']).default('json').meta({ description: 'How the body is written.' }),
});
export type ChainRequest = z.output<typeof chainRequestSchema>;

export const credentialChainSchema = z.strictObject({
  id: z.string().regex(ID, ID_RULE).meta({ description: 'Unique among the chains.' }),
  authentication: z.string().optional().meta({ description: 'Required if there are several.' }),
  steps: z
    .array(
      z.strictObject({
        request: chainRequestSchema.meta({
          description: 'Built from fields and from what earlier requests extracted.',
        }),
        extract: z
          .record(
            z
              .string()
              .regex(
                /^[A-Za-z_][A-Za-z0-9_]{0,63}$/,
                'A name starts with a letter, followed by letters, digits and "_"',
              ),
            z.string().min(1).max(4000),
          )
          .default({})
          .meta({ description: 'Maps a name to JMESPath over the JSON body; templates use it as {chain.<name>}.' }),
      }),
    )
    .min(1)
    .max(10)
    .meta({ description: 'Requests, one after the other.' }),
  ttl_seconds: z.int().min(0).max(86_400).default(300).meta({ description: 'How long the extracted values are kept.' }),
});
export type CredentialChain = z.output<typeof credentialChainSchema>;
