import { AppError } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';
import type { HttpClient, UpstreamResponse } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { authenticateClient, type TokenClient } from './authenticate-client.ts';

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
export type TokenRequest = {
  url: URL;
  scopes: readonly string[];
  client: TokenClient;
  clientAuth: 'basic' | 'body';
  name: string;
  /** What it means that the endpoint does not know the client. */
  refusal: 'upstream_bad_response' | 'credentials_refused';
};

/** As endpoints say that the client, or what it asks for, is not theirs (RFC 6749, 5.2). */
const REFUSALS = new Set([400, 401, 403]);

/**
 * OAuth 2.0 client credentials (RFC 6749, 4.4). Errors say nothing of what the endpoint answered but its status. They
 * are no `UpstreamError`: nothing of the step was sent.
 */
export async function requestToken(
  http: Pick<HttpClient, 'send'>,
  { url, scopes, client, clientAuth, name, refusal }: TokenRequest,
): Promise<{ value: SecretValue; freshMs: number }> {
  const own = authenticateClient(client, clientAuth);
  const fields = new URLSearchParams({ grant_type: 'client_credentials', ...own.fields });
  if (scopes.length > 0) fields.set('scope', scopes.join(' '));
  const headers = {
    ...own.headers,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  const response = await http
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
  if (response.status !== 200) {
    const code = REFUSALS.has(response.status) ? refusal : 'upstream_bad_response';
    throw noToken(name, `its endpoint answered with status ${response.status}`, code);
  }
  const { access_token: token, expires_in: lifetimeS } = parseAnswer(response, name);
  const freshS = lifetimeS - Math.min(MARGIN_S_MAX, lifetimeS * MARGIN_SHARE);
  return { value: new SecretValue(token), freshMs: freshS * 1000 };
}

/** The cause is dropped: it would quote the token. */
function parseAnswer({ body }: UpstreamResponse, name: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(body.toString()));
  } catch {
    throw noToken(name, 'its endpoint did not answer with one');
  }
}

function noToken(name: string, reason: string, code: TokenRequest['refusal'] = 'upstream_bad_response'): AppError {
  return new AppError(code, `No token for the secret ${name}: ${reason}`);
}
