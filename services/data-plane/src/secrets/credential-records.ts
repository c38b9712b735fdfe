import type { Locks } from '@toolplane/bus';
import { AppError, type CredentialRef, type SecretRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { type Credential, parseCredential, serializeCredential } from './credential.ts';
import { type SecretStore, secretPath } from './secret-store.ts';

/** Longer than a change takes: the request for a token and what the store may need. */
const HOLD_MS = 60_000;
/** Longer than a request for a token takes. */
const WAIT_MS = 12_000;

export type CredentialRecord = {
  credential: Credential;
  /** Where they may be sent. */
  hosts: string[];
  /** Counts the writes, from 1. */
  version: number;
};

/** Credentials as the store has them now, past every cache. */
export type CredentialRecords = {
  read(ref: CredentialRef): Promise<CredentialRecord | undefined>;
  /**
   * Of all data planes, one changes a record at a time, so that none writes over what another has just written, and
   * nothing that was deleted comes back. `next` may give what it got: then nothing is written.
   */
  change(
    ref: CredentialRef,
    next: (known: CredentialRecord | undefined) => Promise<Omit<CredentialRecord, 'version'> | CredentialRecord>,
  ): Promise<CredentialRecord>;
  remove(ref: CredentialRef): Promise<void>;
};

export function createCredentialRecords(options: {
  store: SecretStore;
  locks: Pick<Locks, 'acquire'>;
  /** Told after each change, so that no data plane goes on with what it read before. */
  announceChange(ref: SecretRef): Promise<void>;
}): CredentialRecords {
  const { store, locks, announceChange } = options;

  async function read(ref: CredentialRef): Promise<CredentialRecord | undefined> {
    const secret = await store.get(toSecretRef(ref));
    if (secret === undefined) return undefined;
    const { hosts, version } = secret;
    return { credential: parseCredential(secret), hosts, version };
  }

  async function withLock<Result>(ref: SecretRef, work: () => Promise<Result>): Promise<Result> {
    await using lock = await locks.acquire(secretPath(ref), { holdMs: HOLD_MS, waitMs: WAIT_MS });
    if (lock !== undefined) return await work();
    throw new AppError('secret_unavailable', 'The credentials are being changed by others: try again');
  }

  return {
    read,
    change(ref, next) {
      const secretRef = toSecretRef(ref);
      return withLock(secretRef, async () => {
        const known = await read(ref);
        const changed = await next(known);
        if (known !== undefined && changed === known) return known;
        const { credential, hosts } = changed;
        const version = (known?.version ?? 0) + 1;
        await store.put(secretRef, { value: serializeCredential(credential), hosts, version });
        await announceChange(secretRef);
        return { credential, hosts, version };
      });
    },
    remove(ref) {
      const secretRef = toSecretRef(ref);
      return withLock(secretRef, async () => {
        await store.delete(secretRef);
        await announceChange(secretRef);
      });
    },
  };
}
