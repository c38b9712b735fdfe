import { AppError } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';
import { matchesHost } from '../egress/host-pattern.ts';
import type { HttpClient, UpstreamResponse } from '../egress/http-client.ts';
import type { GrantedTokens } from './credential.ts';
import { parseJson } from './parse-json.ts';
import { postTokenRequest, type TokenForm, tokenAnswerSchema } from './token-endpoint.ts';

/**
 * Errors that mean that the sign-in has ended, or never happened: as defined by the RFC, and as GitHub reports it for a
 * refresh token and for a code.
 */
const ENDED = ['invalid_grant', 'bad_refresh_token', 'bad_verification_code'] as const;

/** The errors of RFC 6749, 5.2, and those above. Any other text is the endpoint's own and is not repeated. */
const refusalSchema = z.object({
  error: z.enum([
    ...ENDED,
    'invalid_request',
    'invalid_client',
    'unauthorized_client',
    'unsupported_grant_type',
    'invalid_scope',
  ]),
});

export type GrantRequest = Omit<TokenForm, 'url'> & {
  tokenUrl: string;
  /** The hosts of all credentials that are sent. */
  hosts: readonly (readonly string[])[];
};

/**
 * Requests a grant from a token endpoint (RFC 6749, 4.1.3 and 6). Errors contain only the status of the endpoint's
 * response and the registered name of an error. `credentials_refused` means that the sign-in has ended.
 */
export async function requestGrant(
  http: Pick<HttpClient, 'send'>,
  request: GrantRequest,
  now: () => number,
): Promise<GrantedTokens> {
  const { tokenUrl, hosts, ...form } = request;
  const url = checkTokenUrl(tokenUrl, hosts);
  const sentAt = now();
  const response = await postTokenRequest(http, { ...form, url }, 'No access token');
  return readGrant(response, sentAt);
}

/** The hosts were sealed together with the credentials, so no descriptor can extend them. */
export function checkTokenUrl(tokenUrl: string, hosts: GrantRequest['hosts']): URL {
  const url = URL.parse(tokenUrl);
  if (url === null) throw new AppError('invalid_upstream_request', 'The URL of the token endpoint is not valid');
  if (hosts.every((patterns) => matchesHost(patterns, url))) return url;
  throw new AppError('secret_host_denied', 'The credentials may not be sent to the host of their token endpoint');
}

function readGrant({ status, body }: UpstreamResponse, sentAt: number): GrantedTokens {
  const answer = parseJson(body);
  const granted = tokenAnswerSchema.safeParse(answer);
  if (status === 200 && granted.success) {
    const { access_token: accessToken, refresh_token: refreshToken, expires_in: lifetimeS } = granted.data;
    return {
      accessToken: new SecretValue(accessToken),
      ...(refreshToken == null ? {} : { refreshToken: new SecretValue(refreshToken) }),
      ...(lifetimeS === undefined ? {} : { expiresAt: sentAt + lifetimeS * 1000 }),
    };
  }
  // Some endpoints report a refusal with status 200.
  const refusal = refusalSchema.safeParse(answer);
  const name = refusal.success ? ` (${refusal.data.error})` : '';
  if (ENDED.some((error) => error === refusal.data?.error)) {
    throw new AppError('credentials_refused', `The token endpoint refused the sign-in${name}: connect again`);
  }
  const said = status === 200 && !refusal.success ? 'did not answer with one' : `answered with status ${status}${name}`;
  throw new AppError('upstream_bad_response', `No access token: the token endpoint ${said}`);
}
