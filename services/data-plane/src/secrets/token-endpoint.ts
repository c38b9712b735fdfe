import { AppError } from '@toolplane/contracts';
import { z } from 'zod';
import type { HttpClient, UpstreamResponse } from '../egress/http-client.ts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { authenticateClient, type TokenClient } from './authenticate-client.ts';

const TOKEN_MS_MAX = 10_000;
/** Tokens and the additional data of providers take some kilobytes. */
const ANSWER_BYTES_MAX = 256 * 1024;
/** A hundred years; a higher value is not a plausible lifetime. */
const LIFETIME_S_MAX = 3_155_760_000;

/**
 * A successful response with a token (RFC 6749, 5.1). An invalid lifetime counts as absent: the refresh token in the
 * same response may be the only valid one, and would be lost with the response.
 */
export const tokenAnswerSchema = z.object({
  access_token: z
    .string()
    .max(16_384)
    .regex(/^[\x21-\x7e]+$/),
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .nullish(),
  expires_in: z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
    .pipe(z.number().min(0).max(LIFETIME_S_MAX))
    .optional()
    .catch(undefined),
  refresh_token: z
    .string()
    .max(16_384)
    .regex(/^[\x20-\x7e]+$/)
    .nullish(),
});

export type TokenForm = {
  /** The workspace whose egress rules apply. */
  workspaceId: string;
  url: URL;
  /** The fields of the grant; those of the client are added. */
  fields: Record<string, string>;
  client: TokenClient;
  clientAuth: 'basic' | 'body';
};

/** `failure` begins the message of an error, which is not an `UpstreamError`, because no request of a step was sent. */
export async function postTokenRequest(
  http: Pick<HttpClient, 'send'>,
  { workspaceId, url, fields, client, clientAuth }: TokenForm,
  failure: string,
): Promise<UpstreamResponse> {
  const own = authenticateClient(client, clientAuth);
  const headers = {
    ...own.headers,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  const body = new URLSearchParams({ ...fields, ...own.fields }).toString();
  try {
    return await http.send({
      workspaceId,
      url,
      headers,
      method: 'POST',
      body,
      timeoutMs: TOKEN_MS_MAX,
      responseBytesMax: ANSWER_BYTES_MAX,
      // Redirects are not followed, because the credentials are for this endpoint only.
      returnsRedirects: true,
      // Many calls wait for this request, and sending may use up a code or a refresh token, so the first caller must
      // not be able to abort it.
      signal: new AbortController().signal,
    });
  } catch (thrown) {
    if (!(thrown instanceof UpstreamError)) throw thrown;
    throw new AppError(thrown.code, `${failure}: ${thrown.message}`);
  }
}
