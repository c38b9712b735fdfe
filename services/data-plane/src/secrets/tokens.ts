import { AppError, type SecretRef } from '@toolplane/contracts';
import type { SecretValue } from '@toolplane/service-kit';
import { LRUCache } from 'lru-cache';
import { matchesHost } from '../egress/host-pattern.ts';
import type { HttpClient } from '../egress/http-client.ts';
import { requestToken, type TokenRequest } from './request-token.ts';
import { type Secret, secretPath } from './secret-store.ts';

const ENTRIES_MAX = 1000;
const EXPIRE_INTERVAL_MS = 30_000;

/** What a token is asked for. */
export type TokenNeed = { tokenUrl: string; scopes: readonly string[] };

export type TokenCache = {
  /** The token may be sent where its secret may. `ref` names that secret, whose text is `client_id:client_secret`. */
  get(need: TokenNeed, secret: Secret, ref: SecretRef): Promise<Secret>;
  /** An upstream refused this token: the next use asks for another, every 30 s at most. */
  expire(token: Secret): void;
};

type Entry = {
  secret: Secret;
  answer: Promise<SecretValue>;
  /** There once the answer is. */
  token: SecretValue | undefined;
  freshUntil: number;
  /** When a token of this need was given up last because it was refused. */
  expiredAt: number;
};

/** One request at a time for each need of a secret; a token lives no longer than the version of its secret is used. */
export function createTokenCache({
  client,
  now = Date.now,
}: {
  client: Pick<HttpClient, 'send'>;
  now?: () => number;
}): TokenCache {
  const entries = new LRUCache<string, Entry>({ max: ENTRIES_MAX });

  function start(key: string, secret: Secret, request: TokenRequest, expiredAt: number): Entry {
    const sentAt = now();
    const answer = requestToken(client, request).then(({ value, freshMs }) => {
      entry.token = value;
      entry.freshUntil = sentAt + freshMs;
      return value;
    });
    const entry: Entry = { secret, answer, token: undefined, freshUntil: Number.POSITIVE_INFINITY, expiredAt };
    entries.set(key, entry);
    answer.catch(() => {
      if (entries.get(key) === entry) entries.delete(key);
    });
    return entry;
  }

  return {
    async get(need, secret, ref) {
      const url = URL.parse(need.tokenUrl);
      if (url === null) throw new AppError('invalid_upstream_request', 'The URL of the token endpoint is not valid');
      if (!matchesHost(secret.hosts, url)) {
        const message = `The secret ${ref.name} may not be sent to the host of its token endpoint`;
        throw new AppError('secret_host_denied', message);
      }
      const key = JSON.stringify([secretPath(ref), need.tokenUrl, need.scopes]);
      const found = entries.get(key);
      const known = found !== undefined && isSame(found.secret, secret) ? found : undefined;
      const request = { url, scopes: need.scopes, secret: secret.value, name: ref.name };
      const entry =
        known !== undefined && now() < known.freshUntil
          ? known
          : start(key, secret, request, known?.expiredAt ?? Number.NEGATIVE_INFINITY);
      const { hosts, version } = secret;
      return { value: await entry.answer, hosts, version };
    },
    expire({ value }) {
      for (const entry of entries.values()) {
        if (entry.token !== value || now() < entry.expiredAt + EXPIRE_INTERVAL_MS) continue;
        entry.freshUntil = 0;
        entry.expiredAt = now();
      }
    },
  };
}

/** A name that was deleted and set again starts at version 1. */
function isSame(one: Secret, other: Secret): boolean {
  return one.version === other.version && one.value.reveal() === other.value.reveal();
}
