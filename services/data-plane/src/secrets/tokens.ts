import { AppError, type SecretRef } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import { matchesHost } from '../egress/host-pattern.ts';
import type { HttpClient } from '../egress/http-client.ts';
import { createDerivedCache } from './derived-cache.ts';
import { requestToken, type TokenRequest } from './request-token.ts';
import { type Secret, secretPath } from './secret-store.ts';

/** The token that is needed. */
export type TokenNeed = {
  /** The workspace whose egress rules apply; if absent, the workspace of the secret. */
  workspaceId?: string;
  tokenUrl: string;
  scopes: readonly string[];
  /**
   * The client of a connection, whose secret is then used. If absent, the secret has the form
   * `client_id:client_secret`.
   */
  client?: { id: string; auth: 'basic' | 'body' };
};

export type TokenCache = {
  /** The token may be sent to the same hosts as its secret. `ref` names the stored secret. */
  get(need: TokenNeed, secret: Secret, ref: SecretRef): Promise<Secret>;
  /** Called when an upstream has refused this token: the next use requests another one, at most every 30 s. */
  expire(token: Secret): void;
};

export function createTokenCache({
  client,
  now = Date.now,
}: {
  client: Pick<HttpClient, 'send'>;
  now?: () => number;
}): TokenCache {
  const tokens = createDerivedCache<SecretValue>(now);
  return {
    async get(need, secret, ref) {
      const url = URL.parse(need.tokenUrl);
      if (url === null) throw new AppError('invalid_upstream_request', 'The URL of the token endpoint is not valid');
      const name = need.client === undefined ? ref.name : 'client_secret';
      if (!matchesHost(secret.hosts, url)) {
        const message = `The secret ${name} may not be sent to the host of its token endpoint`;
        throw new AppError('secret_host_denied', message);
      }
      const { hosts, version } = secret;
      const { workspaceId = ref.workspaceId } = need;
      // Workspaces that share a secret have separate rules and limits, so that no workspace waits for the request of
      // another.
      const key = JSON.stringify([workspaceId, secretPath(ref), need.tokenUrl, need.scopes, need.client]);
      const value = await tokens.get(key, secret, async () =>
        requestToken(client, { ...authenticateAs(need, secret, name), workspaceId, url, scopes: need.scopes, name }),
      );
      return { value, hosts, version };
    },
    expire: ({ value }) => tokens.expire((token) => token === value),
  };
}

/**
 * A rejected client is `credentials_refused` only for a connection, which can be connected again; a secret of a
 * document belongs to the server.
 */
function authenticateAs(
  { client }: TokenNeed,
  { value }: Secret,
  name: string,
): Pick<TokenRequest, 'client' | 'clientAuth' | 'refusal'> {
  if (client !== undefined) {
    return { client: { id: client.id, secret: value }, clientAuth: client.auth, refusal: 'credentials_refused' };
  }
  const [, id, secret] = /^([^:]+):(.*)$/s.exec(value.reveal()) ?? [];
  if (id === undefined || secret === undefined) {
    throw new AppError('invalid_upstream_request', `The secret ${name} is not of the form client_id:client_secret`);
  }
  return { client: { id, secret: new SecretValue(secret) }, clientAuth: 'basic', refusal: 'upstream_bad_response' };
}
