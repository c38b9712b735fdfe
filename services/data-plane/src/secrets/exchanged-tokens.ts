/*
 * OAuth 2.0 Token Exchange (RFC 8693): the caller's own token is sent to the token endpoint, and the API receives the
 * token that is issued. Both are kept only in memory, and the issued token is looked up by a keyed fingerprint of the
 * caller's token, never by that token itself.
 */

import { createHmac, randomBytes } from 'node:crypto';
import { AppError, type ConnectionToken, type CredentialRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';
import type { HttpClient, UpstreamResponse } from '../egress/http-client.ts';
import type { TokenClient } from './authenticate-client.ts';
import { createDerivedCache, type Derived } from './derived-cache.ts';
import { parseJson } from './parse-json.ts';
import { checkTokenUrl } from './request-grant.ts';
import { freshMsOf } from './request-token.ts';
import { type Secret, secretPath } from './secret-store.ts';
import { postTokenRequest, tokenAnswerSchema } from './token-endpoint.ts';

/**
 * A user's permissions can change at any time without affecting the issued token, so it is kept only for a short time.
 */
const KEPT_MS_MAX = 5 * 60_000;
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export type ExchangeNeed = {
  /** The workspace whose egress rules apply. */
  workspaceId: string;
  token: ConnectionToken;
  /**
   * The reference of the stored credentials, which contain `client`; `stored` has the hosts to which it may be sent.
   */
  ref: CredentialRef;
  client: Required<TokenClient>;
  stored: Pick<Secret, 'hosts' | 'version'>;
  /** The caller's token. */
  subject: SecretValue;
};

export type TokenExchange = {
  /** Returns the same object while the token is the same. */
  get(need: ExchangeNeed): Promise<SecretValue>;
  /** Called when an upstream has refused this token: the next use exchanges again, at most every 30 s. */
  expire(token: SecretValue): void;
};

export function createTokenExchange({
  client: http,
  now = Date.now,
}: {
  client: Pick<HttpClient, 'send'>;
  now?: () => number;
}): TokenExchange {
  const tokens = createDerivedCache<SecretValue>(now);
  const key = randomBytes(32);

  function keyOf({ workspaceId, ref, token, client, subject }: ExchangeNeed): string {
    const text = JSON.stringify([workspaceId, secretPath(toSecretRef(ref)), token, client.id, subject.reveal()]);
    return createHmac('sha256', key).update(text).digest('base64url');
  }

  return {
    get(need) {
      const secret = { ...need.stored, value: need.client.secret };
      return tokens.get(keyOf(need), secret, () => exchange(http, need));
    },
    expire: (refused) => tokens.expire((token) => token === refused),
  };
}

async function exchange(
  http: Pick<HttpClient, 'send'>,
  { workspaceId, token, client, stored, subject }: ExchangeNeed,
): Promise<Derived<SecretValue>> {
  const { tokenUrl, scopes, clientAuth, exchange } = token;
  const url = checkTokenUrl(tokenUrl, [stored.hosts]);
  const { audience, resource, subjectTokenType = ACCESS_TOKEN } = exchange ?? {};
  const fields = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: subject.reveal(),
    subject_token_type: subjectTokenType,
    requested_token_type: ACCESS_TOKEN,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    ...(audience === undefined ? {} : { audience }),
    ...(resource === undefined ? {} : { resource }),
  };
  return readAnswer(await postTokenRequest(http, { workspaceId, url, fields, client, clientAuth }, NO_TOKEN));
}

const NO_TOKEN = 'The token of the caller was not exchanged';

/** A JWT that is an access token may have either type; an API accepts no other type (RFC 8693, 3). */
const answerSchema = tokenAnswerSchema.extend({
  issued_token_type: z.enum([ACCESS_TOKEN, 'urn:ietf:params:oauth:token-type:jwt']).nullish(),
});

/**
 * The statuses with which endpoints reject the client, the token or the requested target (RFC 6749, 5.2; RFC 8693,
 * 2.2.2).
 */
const REFUSALS = new Set([400, 401, 403]);

/** Nothing of the body is reported, because it may quote the token. */
function readAnswer({ status, body }: UpstreamResponse): Derived<SecretValue> {
  if (status !== 200) {
    const code = REFUSALS.has(status) ? 'credentials_refused' : 'upstream_bad_response';
    throw new AppError(code, `${NO_TOKEN}: the token endpoint answered with status ${status}`);
  }
  const answer = answerSchema.safeParse(parseJson(body));
  if (!answer.success)
    throw new AppError('upstream_bad_response', `${NO_TOKEN}: the token endpoint returned no access token`);
  const { access_token: token, expires_in: lifetimeS } = answer.data;
  return { value: new SecretValue(token), freshMs: Math.min(freshMsOf(lifetimeS), KEPT_MS_MAX) };
}
