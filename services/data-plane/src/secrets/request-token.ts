import { AppError } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';
import { formEncode } from '../egress/form-encode.ts';
import type { HttpClient, UpstreamResponse } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';

const TOKEN_MS_MAX = 10_000;
/** For an endpoint that does not say it. */
const LIFETIME_S_DEFAULT = 300;
/** For what is under way, and for clocks that differ. */
const MARGIN_S_MAX = 30;
const MARGIN_SHARE = 0.1;

const answerSchema = z.object({
  access_token: z
    .string()
    .max(16_384)
    .regex(/^[\x21-\x7e]+$/),
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .default('Bearer'),
  expires_in: z.coerce.number().min(0).default(LIFETIME_S_DEFAULT),
});

/** `name` is the secret's, for messages. */
export type TokenRequest = { url: URL; scopes: readonly string[]; secret: SecretValue; name: string };

/**
 * OAuth 2.0 client credentials (RFC 6749, 4.4). Errors say nothing of what the endpoint answered but its status. They
 * are no `UpstreamError`: nothing of the step was sent.
 */
export async function requestToken(
  client: Pick<HttpClient, 'send'>,
  { url, scopes, secret, name }: TokenRequest,
): Promise<{ value: SecretValue; freshMs: number }> {
  const fields = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scopes.length > 0) fields.set('scope', scopes.join(' '));
  const headers = {
    authorization: basicAuthorization(secret, name),
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  const response = await client
    .send({
      ...{ url, headers, method: 'POST', body: fields.toString(), timeoutMs: TOKEN_MS_MAX },
      // The credentials are for this endpoint and for no other.
      returnsRedirects: true,
      // Shared by many calls, none of which may end it.
      signal: new AbortController().signal,
    })
    .catch((thrown: unknown) => {
      if (!(thrown instanceof UpstreamError)) throw thrown;
      throw new AppError(thrown.code, `No token for the secret ${name}: ${thrown.message}`);
    });
  if (response.status !== 200) throw refused(name, `its endpoint answered with status ${response.status}`);
  const { access_token: token, expires_in: lifetimeS } = parseAnswer(response, name);
  const freshS = lifetimeS - Math.min(MARGIN_S_MAX, lifetimeS * MARGIN_SHARE);
  return { value: new SecretValue(token), freshMs: freshS * 1000 };
}

/** Both halves as form fields are written (RFC 6749, 2.3.1), so that a colon in the second changes nothing. */
function basicAuthorization(secret: SecretValue, name: string): string {
  const text = secret.reveal();
  const colon = text.indexOf(':');
  if (colon <= 0) {
    throw new AppError('invalid_upstream_request', `The secret ${name} is not of the form client_id:client_secret`);
  }
  const pair = [text.slice(0, colon), text.slice(colon + 1)].map(formEncode).join(':');
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** The cause is dropped: it would quote the token. */
function parseAnswer({ body }: UpstreamResponse, name: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(body.toString()));
  } catch {
    throw refused(name, 'its endpoint did not answer with one');
  }
}

function refused(name: string, reason: string): AppError {
  return new AppError('upstream_bad_response', `No token for the secret ${name}: ${reason}`);
}
