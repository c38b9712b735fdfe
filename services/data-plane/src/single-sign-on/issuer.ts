import { AppError } from '@toolplane/contracts';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { HttpClient, UpstreamResponse } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';

const TIMEOUT_MS = 5000;
const ANSWER_BYTES_MAX = 256 * 1024;

const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  token_endpoint_auth_methods_supported: z.array(z.string()).default(['client_secret_basic']),
  authorization_response_iss_parameter_supported: z.boolean().default(false),
});

const keysSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });
const tokenAnswerSchema = z.object({ id_token: z.string().max(65_536) });

/** The metadata of an issuer that a sign-in needs. */
export type IssuerMetadata = {
  authorizationUrl: string;
  tokenUrl: string;
  jwksUrl: string;
  clientAuth: 'basic' | 'body';
  /** True if the issuer names itself in its responses (RFC 9207): a response without its name is then not its own. */
  namesItself: boolean;
};

export type IssuerClient = { http: Pick<HttpClient, 'send'>; workspaceId: string; signal: AbortSignal };

/**
 * Reads the metadata of an issuer (OpenID Connect Discovery 1.0, 4). It must name exactly the requested issuer, letter
 * by letter.
 */
export async function discoverIssuer(client: IssuerClient, issuer: string): Promise<IssuerMetadata> {
  const metadata = await getJson(
    client,
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    metadataSchema,
  );
  if (metadata.issuer !== issuer) throw badAnswer('identifies itself by another name');
  const { authorization_endpoint: authorizationUrl, token_endpoint: tokenUrl, jwks_uri: jwksUrl } = metadata;
  if (![authorizationUrl, tokenUrl, jwksUrl].every((url) => isSafe(url, issuer))) {
    throw badAnswer('names an address that is not valid or does not use https');
  }
  const methods = metadata.token_endpoint_auth_methods_supported;
  return {
    authorizationUrl,
    tokenUrl,
    jwksUrl,
    clientAuth: methods.includes('client_secret_basic') ? 'basic' : 'body',
    namesItself: metadata.authorization_response_iss_parameter_supported,
  };
}

/** The keys are fetched at each sign-in, so that revoked keys do not count. */
export async function fetchKeys(client: IssuerClient, jwksUrl: string): Promise<JSONWebKeySet> {
  return getJson(client, jwksUrl, keysSchema);
}

/** Nothing of the response is repeated, because it may quote the code. */
export function readIdToken({ status, body }: UpstreamResponse): string {
  if (status === 400 || status === 401) {
    throw new AppError('credentials_refused', `The issuer returned no token: it answered with status ${status}`);
  }
  return parse(tokenAnswerSchema, { status, body }).id_token;
}

async function getJson<Schema extends z.ZodType>(
  { http, workspaceId, signal }: IssuerClient,
  url: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  try {
    const headers = { accept: 'application/json' };
    const request = { workspaceId, url, headers, method: 'GET', signal, timeoutMs: TIMEOUT_MS } as const;
    return parse(schema, await http.send({ ...request, responseBytesMax: ANSWER_BYTES_MAX, returnsRedirects: true }));
  } catch (thrown) {
    if (!(thrown instanceof UpstreamError)) throw thrown;
    throw new AppError(thrown.code, `The issuer was not reached: ${thrown.message}`);
  }
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  { status, body }: Pick<UpstreamResponse, 'status' | 'body'>,
): z.infer<Schema> {
  if (status !== 200) throw badAnswer(`answered with status ${status}`);
  try {
    return schema.parse(JSON.parse(body.toString()));
  } catch {
    throw badAnswer('did not answer as OpenID Connect requires');
  }
}

/** An issuer with an https URL may only refer to https addresses. */
function isSafe(text: string, issuer: string): boolean {
  const protocol = URL.parse(text)?.protocol;
  return protocol === 'https:' || (protocol === 'http:' && issuer.startsWith('http:'));
}

function badAnswer(why: string): AppError {
  return new AppError('upstream_bad_response', `The issuer ${why}`);
}
