import { AppError } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';
import { matchesHost } from '../egress/host-pattern.ts';
import type { HttpClient, UpstreamResponse } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { authenticateClient, type TokenClient } from './authenticate-client.ts';
import type { Grant } from './credential.ts';

const TOKEN_MS_MAX = 10_000;

const answerSchema = z.object({
  access_token: z
    .string()
    .max(16_384)
    .regex(/^[\x21-\x7e]+$/),
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .nullish(),
  expires_in: z.coerce.number().min(0).nullish(),
  refresh_token: z
    .string()
    .max(16_384)
    .regex(/^[\x20-\x7e]+$/)
    .nullish(),
});

/** Those of RFC 6749, 5.2: any other text is the endpoint's own and is not repeated. */
const refusalSchema = z.object({
  error: z.enum([
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'unauthorized_client',
    'unsupported_grant_type',
    'invalid_scope',
  ]),
});

export type GrantRequest = {
  tokenUrl: string;
  client: TokenClient;
  clientAuth: 'basic' | 'body';
  /** Of all credentials that are sent. */
  hosts: readonly (readonly string[])[];
  /** The grant's own, `grant_type` first. */
  fields: Record<string, string>;
};

/**
 * Asks a token endpoint for a grant (RFC 6749, 4.1.3 and 6). Errors say nothing of what the endpoint answered but its
 * status and the registered name of an error. They are no `UpstreamError`: nothing of a step was sent.
 * `credentials_refused` means that what a person signed in for is over.
 */
export async function requestGrant(
  http: Pick<HttpClient, 'send'>,
  request: GrantRequest,
  now: () => number,
): Promise<Grant> {
  const url = checkTokenUrl(request.tokenUrl, request.hosts);
  const own = authenticateClient(request.client, request.clientAuth);
  const headers = {
    ...own.headers,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  const body = new URLSearchParams({ ...request.fields, ...own.fields }).toString();
  const sentAt = now();
  const response = await http
    .send({
      ...{ url, headers, method: 'POST', body, timeoutMs: TOKEN_MS_MAX },
      // The credentials are for this endpoint and for no other.
      returnsRedirects: true,
      // A code or a refresh token may be spent by being sent: whoever asked may go, the answer is kept.
      signal: new AbortController().signal,
    })
    .catch((thrown: unknown) => {
      if (!(thrown instanceof UpstreamError)) throw thrown;
      throw new AppError(thrown.code, `No access token: ${thrown.message}`);
    });
  return readGrant(response, sentAt);
}

/** The hosts were sealed together with the credentials, so no descriptor can widen them. */
export function checkTokenUrl(tokenUrl: string, hosts: GrantRequest['hosts']): URL {
  const url = URL.parse(tokenUrl);
  if (url === null) throw new AppError('invalid_upstream_request', 'The URL of the token endpoint is not valid');
  if (hosts.every((patterns) => matchesHost(patterns, url))) return url;
  throw new AppError('secret_host_denied', 'The credentials may not be sent to the host of their token endpoint');
}

function readGrant({ status, body }: UpstreamResponse, sentAt: number): Grant {
  const answer = parseJson(body);
  const granted = answerSchema.safeParse(answer);
  if (status === 200 && granted.success) {
    const { access_token: accessToken, refresh_token: refreshToken, expires_in: lifetimeS } = granted.data;
    return {
      accessToken: new SecretValue(accessToken),
      ...(refreshToken == null ? {} : { refreshToken: new SecretValue(refreshToken) }),
      ...(lifetimeS == null ? {} : { expiresAt: sentAt + lifetimeS * 1000 }),
    };
  }
  // Some say it with status 200.
  const refusal = refusalSchema.safeParse(answer);
  const name = refusal.success ? ` (${refusal.data.error})` : '';
  if (refusal.data?.error === 'invalid_grant') {
    throw new AppError('credentials_refused', `The token endpoint refused the sign-in${name}: connect again`);
  }
  const said = status === 200 && !refusal.success ? 'did not answer with one' : `answered with status ${status}${name}`;
  throw new AppError('upstream_bad_response', `No access token: the token endpoint ${said}`);
}

/** Undefined for what is none. No error is passed on: it would quote the tokens. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
