import { AppError } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import type { z } from 'zod';
import type { HttpClient, UpstreamResponse } from '../egress/http-client.ts';
import { postTokenRequest, type TokenForm, tokenAnswerSchema } from './token-endpoint.ts';

/** The lifetime of a token if the endpoint does not return one. */
const LIFETIME_S_DEFAULT = 300;
/** Allows for requests in progress, and for clocks that differ. */
const MARGIN_S_MAX = 30;
const MARGIN_SHARE = 0.1;

/** `name` is the name of the secret, for error messages. */
export type TokenRequest = Omit<TokenForm, 'fields'> & {
  scopes: readonly string[];
  name: string;
  /** The error code if the endpoint rejects the client. */
  refusal: 'upstream_bad_response' | 'credentials_refused';
};

/** The statuses with which endpoints reject the client, or what it requests (RFC 6749, 5.2). */
const REFUSALS = new Set([400, 401, 403]);

/**
 * Requests a token with OAuth 2.0 client credentials (RFC 6749, 4.4). Errors contain only the status of the endpoint's
 * response.
 */
export async function requestToken(
  http: Pick<HttpClient, 'send'>,
  { scopes, name, refusal, ...form }: TokenRequest,
): Promise<{ value: SecretValue; freshMs: number }> {
  const fields = {
    grant_type: 'client_credentials',
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
  };
  const response = await postTokenRequest(http, { ...form, fields }, `No token for the secret ${name}`);
  if (response.status !== 200) {
    const code = REFUSALS.has(response.status) ? refusal : 'upstream_bad_response';
    throw noToken(name, `its endpoint answered with status ${response.status}`, code);
  }
  const { access_token: token, expires_in: lifetimeS } = parseAnswer(response, name);
  return { value: new SecretValue(token), freshMs: freshMsOf(lifetimeS) };
}

/** Returns how long a token that was just issued can be used. */
export function freshMsOf(lifetimeS: number = LIFETIME_S_DEFAULT): number {
  return (lifetimeS - Math.min(MARGIN_S_MAX, lifetimeS * MARGIN_SHARE)) * 1000;
}

/** The cause is dropped, because it would quote the token. */
function parseAnswer({ body }: UpstreamResponse, name: string): z.infer<typeof tokenAnswerSchema> {
  try {
    return tokenAnswerSchema.parse(JSON.parse(body.toString()));
  } catch {
    throw noToken(name, 'its endpoint did not answer with one');
  }
}

function noToken(name: string, reason: string, code: TokenRequest['refusal'] = 'upstream_bad_response'): AppError {
  return new AppError(code, `No token for the secret ${name}: ${reason}`);
}
