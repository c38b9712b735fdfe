import { AppError, type CredentialRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { matchesHost } from '../../egress/host-pattern.ts';
import type { HttpClient } from '../../egress/http-client.ts';
import { type OAuthState, parseOAuthState } from '../../external-mcp/oauth/oauth-state.ts';
import { readChallenge } from '../../external-mcp/oauth/read-challenge.ts';
import { refreshSignIn } from '../../external-mcp/oauth/sign-in.ts';
import { parseCredential } from '../../secrets/credential.ts';
import type { CredentialRecord, CredentialRecords } from '../../secrets/credential-records.ts';
import type { SecretCache } from '../../secrets/secret-cache.ts';
import type { Secret } from '../../secrets/secret-store.ts';

/** The sign-in that a token belongs to, and the server that it is sent to. */
export type TokenTarget = { ref: CredentialRef; workspaceId: string; url: string; serverName: string };

export type ExternalTokens = {
  /** Throws `external_sign_in_needed` if no token exists that can be used or renewed. */
  get(target: TokenTarget, signal: AbortSignal): Promise<Secret>;
  /** Returns a token other than the one that the server refused. Throws like `get`. */
  renew(target: TokenTarget, refused: SecretValue, signal: AbortSignal): Promise<Secret>;
  /** Stores what else the server requires, for the next sign-in. */
  storeChallenge(target: TokenTarget, header: string): Promise<void>;
};

/** A token that expires within this time is renewed before it is used. */
const RENEW_BEFORE_MS = 60_000;
/** The only field of the record of a sign-in. */
const STATE_FIELD = 'state';
const EXTERNAL_AUTHENTICATION = 'mcp-oauth';

/** Manages the tokens with which the platform calls external servers, once a person has signed it in to them. */
export function createExternalTokens(options: {
  records: Pick<CredentialRecords, 'change' | 'renew'>;
  secrets: Pick<SecretCache, 'get'>;
  http: Pick<HttpClient, 'send'>;
  now(): number;
}): ExternalTokens {
  const { records, secrets, http, now } = options;

  async function read({ ref, url, serverName }: TokenTarget): Promise<SignedIn | undefined> {
    const secret = await secrets.get(toSecretRef(ref));
    const signedIn = secret === undefined ? undefined : parseSignIn(secret);
    if (secret === undefined || signedIn === undefined) return undefined;
    if (!matchesHost(secret.hosts, new URL(url))) {
      const message = `The sign-in to ${serverName} was for a host other than its current one: sign in again`;
      throw new AppError('secret_host_denied', message);
    }
    return signedIn;
  }

  async function renew(target: TokenTarget, refused: SecretValue | undefined, signal: AbortSignal): Promise<SignedIn> {
    const record = await records.renew(target.ref, async (known) => {
      if (known === undefined) throw signInNeeded(target);
      const state = stateOf(known);
      const current = state.tokens?.access_token;
      // Another call has already renewed the token.
      if (current !== undefined && refused !== undefined && current !== refused.reveal()) return known;
      const renewed = await refreshSignIn({ http, signal, now }, target, state);
      // The record is stored without the tokens, so that no call retries with refused ones.
      const { tokens: _, expiresAt: __, ...withoutTokens } = state;
      return toRecord(renewed ?? withoutTokens, known.hosts);
    });
    const signedIn = parseSignIn({ value: undefined, ...record });
    if (signedIn === undefined) throw signInNeeded(target);
    return signedIn;
  }

  return {
    async get(target, signal) {
      const signedIn = await read(target);
      if (signedIn === undefined) throw signInNeeded(target);
      const isOver = signedIn.expiresAt !== undefined && signedIn.expiresAt - now() < RENEW_BEFORE_MS;
      if (!isOver) return signedIn.token;
      return (await renew(target, signedIn.token.value, signal)).token;
    },
    renew: async (target, refused, signal) => (await renew(target, refused, signal)).token,
    async storeChallenge({ ref }, header) {
      const { error: _, ...challenge } = readChallenge(header);
      await records.change(ref, async (known) => {
        if (known === undefined) throw new AppError('not_found', 'Nobody has signed in');
        return toRecord({ ...stateOf(known), challenge }, known.hosts);
      });
    },
  };
}

/** Converts the state of a sign-in to a record of the secret store. */
export function toRecord(state: OAuthState, hosts: string[]): Omit<CredentialRecord, 'version'> {
  const fields = new Map([[STATE_FIELD, new SecretValue(JSON.stringify(state))]]);
  return { credential: { authentication: EXTERNAL_AUTHENTICATION, fields }, hosts };
}

export function stateOf({ credential }: Pick<CredentialRecord, 'credential'>): OAuthState {
  return parseOAuthState(credential.fields.get(STATE_FIELD)?.reveal() ?? '');
}

export function signInNeeded({ serverName }: Pick<TokenTarget, 'serverName'>, why = ''): AppError {
  const message = `The external server ${serverName} requires a sign-in${why}: a person who manages the server to which it is attached has to sign in`;
  return new AppError('external_sign_in_needed', message);
}

type SignedIn = { token: Secret; expiresAt: number | undefined };

/**
 * Each stored value is parsed only once, so that everything cached by the identity of a token is also computed once.
 */
const parsedSignIns = new WeakMap<object, SignedIn | undefined>();

function parseSignIn(
  kept: Omit<Secret, 'value'> & { value: SecretValue | undefined; credential?: CredentialRecord['credential'] },
) {
  const credential = kept.credential ?? (kept.value === undefined ? undefined : parseCredential({ value: kept.value }));
  if (credential === undefined) return undefined;
  if (parsedSignIns.has(credential)) return parsedSignIns.get(credential);
  const { hosts, version } = kept;
  const { tokens, expiresAt } = stateOf({ credential });
  const signedIn =
    tokens === undefined
      ? undefined
      : { token: { value: new SecretValue(tokens.access_token), hosts, version }, expiresAt };
  parsedSignIns.set(credential, signedIn);
  return signedIn;
}
