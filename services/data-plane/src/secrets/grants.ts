/*
 * Access tokens that a person has signed in for. They are stored in the secret store with their refresh token, so that
 * every data plane uses the same; whoever renews one holds the record's lock, because many endpoints accept a refresh
 * token once.
 */
import { AppError, type ConnectionToken, type CredentialRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import type { SecretValue } from '@toolplane/service-kit';
import { LRUCache } from 'lru-cache';
import type { HttpClient } from '../egress/http-client.ts';
import { type Grant, parseCredential } from './credential.ts';
import type { CredentialRecord, CredentialRecords } from './credential-records.ts';
import { getClient } from './oauth-client.ts';
import { requestGrant } from './request-grant.ts';
import type { SecretCache } from './secret-cache.ts';
import { type Secret, secretPath } from './secret-store.ts';

/** Time for requests in progress, and for clocks that differ. */
const MARGIN_MS = 30_000;
const REFUSED_INTERVAL_MS = 30_000;
const REFUSED_MAX = 1000;

export type GrantNeed = {
  /** The workspace whose egress rules apply. */
  workspaceId: string;
  ref: CredentialRef;
  /** As it is stored: it has a grant. */
  secret: Secret;
  token: ConnectionToken;
};

export type Grants = {
  /** Renewed when it has expired. The same object for as long as it is the same token. */
  getAccessToken(need: GrantNeed): Promise<SecretValue>;
  /** An upstream refused this token: the next use renews it, every 30 s at most. */
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
}): Grants {
  /** Tokens that upstreams refused before they expired; the token is dropped once there is another. */
  const refused = new LRUCache<string, { token: SecretValue | undefined; at: number }>({ max: REFUSED_MAX });
  const renewing = new Map<string, Promise<SecretValue>>();

  function needsRenewal({ accessToken, refreshToken, expiresAt }: Grant, path: string): boolean {
    if (expiresAt !== undefined && now() >= expiresAt - MARGIN_MS) return true;
    return refreshToken !== undefined && refused.get(path)?.token?.reveal() === accessToken.reveal();
  }

  /**
   * One at a time per workspace in this process; the others wait for it. Workspaces that share have separate rules and
   * lanes.
   */
  function renew(need: GrantNeed, path: string): Promise<SecretValue> {
    const key = `${need.workspaceId} ${path}`;
    const underWay = renewing.get(key);
    if (underWay !== undefined) return underWay;
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
      // Another data plane was faster.
      if (!needsRenewal(grant, path)) return known;
      const renewed = await requestRenewal(need, known, grant).catch(async (thrown: unknown) => {
        if (!(thrown instanceof AppError) || thrown.code !== 'credentials_refused') throw thrown;
        await checkUnchanged(need.ref, known);
        refusal = thrown;
        return ended(grant);
      });
      return { credential: { ...known.credential, grant: renewed }, hosts: known.hosts };
    });
    // The record was read earlier, so this data plane may not have heard of a change.
    secrets.invalidate(toSecretRef(need.ref));
    if (refusal !== undefined) throw refusal;
    const { accessToken } = credential.grant ?? connectAgain();
    // A renewal that the store has not accepted is requested again at each use: the stored one is still what was
    // refused.
    const last = refused.get(path);
    if (last?.token?.reveal() === accessToken.reveal()) last.token = undefined;
    return accessToken;
  }

  /**
   * A lock can be lost. A token that another data plane has renewed without it must not end because this one came too
   * late.
   */
  async function checkUnchanged(ref: CredentialRef, known: CredentialRecord): Promise<void> {
    if ((await records.read(ref))?.version === known.version) return;
    throw new AppError('secret_unavailable', 'The credentials were changed concurrently: try again');
  }

  async function requestRenewal(need: GrantNeed, known: CredentialRecord, grant: Grant): Promise<Grant> {
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
    // An endpoint that issues no new refresh token leaves this one valid.
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

/** Stored without the refresh token, so that nobody asks again and no credentials of a wider scope are used instead. */
function ended({ accessToken, client }: Grant): Grant {
  return { accessToken, client, expiresAt: 0 };
}

function connectAgain(): never {
  throw new AppError('credentials_refused', 'The sign-in has ended and cannot be renewed: connect again');
}
