import { readFile } from 'node:fs/promises';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';
import { unavailable, type VaultClient } from './vault-client.ts';

/**
 * A lease is renewed after this fraction of it. If a renewed lease is shorter than `LEASE_MS_MIN`, a new login replaces
 * it.
 */
const RENEW_AFTER = 2 / 3;
const LEASE_MS_MIN = 10_000;
/**
 * The minimum time between logins. A token that was just issued is refused because of its permissions, not because of
 * its age, and a login that just failed would fail again.
 */
const LOGIN_INTERVAL_MS = 10_000;

export type VaultAuthentication =
  | { kind: 'token'; token: SecretValue }
  /** A token in a file that another program keeps up to date, such as an agent of Vault. */
  | { kind: 'file'; path: string }
  /** A login with the service account of the pod. */
  | { kind: 'kubernetes'; role: string; mount: string; tokenFile: string };

export type VaultToken = {
  get(): Promise<SecretValue>;
  /** Returns whether another token may be tried instead. */
  replace(refused: SecretValue): boolean;
};

export function createVaultToken(auth: VaultAuthentication, client: VaultClient, now = Date.now): VaultToken {
  switch (auth.kind) {
    case 'token':
      return { get: async () => auth.token, replace: () => false };
    case 'file':
      return { get: () => readToken(auth.path), replace: () => false };
    case 'kubernetes':
      return createLease(auth, client, now);
  }
}

const leaseSchema = z.object({
  auth: z.object({ client_token: z.string().min(1), lease_duration: z.number().min(0), renewable: z.boolean() }),
});

type Lease = { token: SecretValue; readAt: number; renewAt: number; endsAt: number; isRenewable: boolean };

/** Only one login or renewal runs at a time, when a request needs it: an idle data plane keeps no token alive. */
function createLease(
  { role, mount, tokenFile }: Extract<VaultAuthentication, { kind: 'kubernetes' }>,
  client: VaultClient,
  now: () => number,
): VaultToken {
  let lease: Lease | undefined;
  let asking: Promise<Lease> | undefined;

  async function login(): Promise<Lease> {
    const jwt = await readToken(tokenFile);
    const json = { role, jwt: jwt.reveal() };
    const { status, body } = await client({ method: 'POST', path: `auth/${mount}/login`, json });
    return toLease(status, body);
  }

  async function renew(known: Lease): Promise<Lease> {
    const request = { method: 'POST', path: 'auth/token/renew-self', token: known.token, json: {} } as const;
    const { status, body } = await client(request);
    const renewed = toLease(status, body);
    // Near the end of its maximum lifetime, a token is renewed for shorter and shorter times.
    if (renewed.endsAt < now() + LEASE_MS_MIN || renewed.endsAt < known.endsAt) return login();
    return renewed;
  }

  function toLease(status: number, body: unknown): Lease {
    const parsed = leaseSchema.safeParse(body);
    if (status !== 200 || !parsed.success) throw unavailable(`Vault answers ${status} to the login`);
    const { client_token: token, lease_duration: seconds, renewable: isRenewable } = parsed.data.auth;
    const leaseMs = seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1000;
    return {
      token: new SecretValue(token),
      isRenewable,
      readAt: now(),
      renewAt: now() + leaseMs * RENEW_AFTER,
      endsAt: now() + leaseMs,
    };
  }

  /** A lease that has not ended stays in use if no other one is available at the moment. */
  async function refresh(known: Lease | undefined): Promise<Lease> {
    if (known === undefined || now() >= known.endsAt) return login();
    try {
      return await (known.isRenewable ? renew(known).catch(login) : login());
    } catch (error) {
      if (now() >= known.endsAt) throw error;
      return { ...known, renewAt: Math.min(now() + LOGIN_INTERVAL_MS, known.endsAt) };
    }
  }

  return {
    async get() {
      if (lease !== undefined && now() < lease.renewAt) return lease.token;
      asking ??= refresh(lease)
        .then((next) => {
          lease = next;
          return next;
        })
        .finally(() => {
          asking = undefined;
        });
      return (await asking).token;
    },
    replace(refused) {
      if (lease === undefined || lease.token !== refused) return true;
      if (now() < lease.readAt + LOGIN_INTERVAL_MS) return false;
      lease = undefined;
      return true;
    },
  };
}

async function readToken(path: string): Promise<SecretValue> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text.trim() === '') throw unavailable(`The file ${path} holds no token`);
  return new SecretValue(text.trim());
}
