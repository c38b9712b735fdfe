/*
 * Access tokens that were issued when a person signed in. They are stored in the secret store with their refresh token,
 * so that every data plane uses the same ones; a data plane that renews a token holds the record's lock, because many
 * endpoints accept a refresh token only once.
 */
import { AppError, type ConnectionToken, type CredentialRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import type { SecretValue } from '@toolplane/service-kit';
import { LRUCache } from 'lru-cache';
import type { HttpClient } from '../egress/http-client.ts';
import { parseCredential, type TokenGrant } from './credential.ts';
import type { CredentialRecord, CredentialRecords } from './credential-records.ts';
import { getClient } from './oauth-client.ts';
import { requestGrant } from './request-grant.ts';
import type { SecretCache } from './secret-cache.ts';
import { type Secret, secretPath } from './secret-store.ts';

/** Allows for requests in progress, and for clocks that differ. */
const MARGIN_MS = 30_000;
const REFUSED_INTERVAL_MS = 30_000;
const REFUSED_MAX = 1000;

export type GrantNeed = {
  /** The workspace whose egress rules apply. */
  workspaceId: string;
  ref: CredentialRef;
  /** The stored secret, which contains a grant. */
  secret: Secret;
  token: ConnectionToken;
};

export type TokenGrants = {
  /** Renews the token if it has expired. Returns the same object while the token is the same. */
  getAccessToken(need: GrantNeed): Promise<SecretValue>;
  /** Called when an upstream has refused this token: the next use renews it, at most every 30 s. */
  expire(ref: CredentialRef, token: SecretValue): void;
};

export function createGrants({
  records,
  secrets,
  client: http,
  now = Date.now,
}: {
  records: Pick<CredentialRecords, 'read' | 'renew'>;
  secrets: Pick<SecretCache, 'invalidate'>;
  client: Pick<HttpClient, 'send'>;
  now?: () => number;
}): TokenGrants {
  /**
   * Tokens that upstreams refused before they expired; `token` is undefined if a renewal returned the refused token
   * again.
   */
  const refused = new LRUCache<string, { token: SecretValue | undefined; at: number }>({ max: REFUSED_MAX });
  const renewing = new Map<string, Promise<SecretValue>>();

  function needsRenewal({ accessToken, refreshToken, expiresAt }: TokenGrant, path: string): boolean {
    if (expiresAt !== undefined && now() >= expiresAt - MARGIN_MS) return true;
    return refreshToken !== undefined && refused.get(path)?.token?.reveal() === accessToken.reveal();
  }

  /**
   * Only one renewal at a time runs per workspace in this process; other calls wait for it. Workspaces that share
   * credentials have separate rules and limits.
   */
  function renew(need: GrantNeed, path: string): Promise<SecretValue> {
    const key = `${need.workspaceId} ${path}`;
    const inProgress = renewing.get(key);
    if (inProgress !== undefined) return inProgress;
    const started = renewRecord(need, path).finally(() => renewing.delete(key));
    renewing.set(key, started);
    return started;
  }

  async function renewRecord(need: GrantNeed, path: string): Promise<SecretValue> {
    let refusal: AppError | undefined;
    const { credential } = await records.renew(need.ref, async (known) => {
      const { authentication } = parseCredential(need.secret);
      const grant = known?.credential.grant;
      if (known?.credential.authentication !== authentication || grant === undefined) return connectAgain();
      // Another data plane has already renewed the token.
      if (!needsRenewal(grant, path)) return known;
      const renewed = await requestRenewal(need, known, grant).catch(async (thrown: unknown) => {
        if (!(thrown instanceof AppError) || thrown.code !== 'credentials_refused') throw thrown;
        await checkUnchanged(need.ref, known);
        refusal = thrown;
        return ended(grant);
      });
      return { credential: { ...known.credential, grant: renewed }, hosts: known.hosts };
    });
    // The record was read before, so this data plane may have missed a change.
    secrets.invalidate(toSecretRef(need.ref));
    if (refusal !== undefined) throw refusal;
    const { accessToken } = credential.grant ?? connectAgain();
    // A refused token is remembered unless the renewal returned it again: until the store has accepted the renewal, the
    // stored token is still the refused one, so each use has to renew.
    const last = refused.get(path);
    if (last?.token?.reveal() === accessToken.reveal()) last.token = undefined;
    return accessToken;
  }

  /**
   * A lock can be lost. If another data plane has renewed the token without it, a late refusal here must not end the
   * sign-in.
   */
  async function checkUnchanged(ref: CredentialRef, known: CredentialRecord): Promise<void> {
    if ((await records.read(ref))?.version === known.version) return;
    throw new AppError('secret_unavailable', 'The credentials were changed concurrently: try again');
  }

  async function requestRenewal(need: GrantNeed, known: CredentialRecord, grant: TokenGrant): Promise<TokenGrant> {
    const { workspaceId, ref, token } = need;
    const { refreshToken, client: granted } = grant;
    if (refreshToken === undefined) return connectAgain();
    const authenticationId = known.credential.authentication;
    const { client, record } = await getClient(records, {
      ref,
      authenticationId,
      workspaceId: granted.workspaceId,
      clientId: granted.id,
    });
    const renewed = await requestGrant(
      http,
      {
        workspaceId,
        tokenUrl: token.tokenUrl,
        client,
        clientAuth: token.clientAuth,
        hosts: [known.hosts, record.hosts],
        fields: { grant_type: 'refresh_token', refresh_token: refreshToken.reveal() },
      },
      now,
    );
    // If an endpoint issues no new refresh token, this one stays valid.
    return { client: granted, refreshToken, ...renewed };
  }

  return {
    async getAccessToken({ secret, ...need }) {
      const { grant } = parseCredential(secret);
      if (grant === undefined) return connectAgain();
      const path = secretPath(toSecretRef(need.ref));
      if (!needsRenewal(grant, path)) return grant.accessToken;
      return grant.refreshToken === undefined ? connectAgain() : renew({ ...need, secret }, path);
    },
    expire(ref, token) {
      const path = secretPath(toSecretRef(ref));
      const last = refused.get(path);
      if (last === undefined || now() >= last.at + REFUSED_INTERVAL_MS) refused.set(path, { token, at: now() });
    },
  };
}

/**
 * The grant is stored without the refresh token, so that no renewal is requested again and no credentials of a wider
 * scope are used instead.
 */
function ended({ accessToken, client }: TokenGrant): TokenGrant {
  return { accessToken, client, expiresAt: 0 };
}

function connectAgain(): never {
  throw new AppError('credentials_refused', 'The sign-in has ended and cannot be renewed: connect again');
}
