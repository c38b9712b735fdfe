/*
 * A secret is stored as one record for the version in use, which is the only record that calls read, and one record for
 * each other version that is kept. Every change writes the copy first and its replacement second, so that an
 * interruption loses nothing, and repeating the change is harmless.
 */
import type { Locks } from '@toolplane/bus';
import { AppError, type Command, type SecretRef, type StoredSecret } from '@toolplane/contracts';
import { secretAudience } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { REDACTABLE_LENGTH_MIN } from '../execution/redacted-forms.ts';
import type { SealedValues } from '../secrets/sealed-values.ts';
import { type Secret, type SecretStore, secretPath } from '../secrets/secret-store.ts';

type StoreSecret = Extract<Command, { command: 'store_secret' }>;
type UseVersion = Extract<Command, { command: 'use_secret_version' }>;

/** `signal` fires when the control plane stops waiting: no work starts after that. */
export type SecretVersions = {
  store(command: StoreSecret, signal: AbortSignal): Promise<StoredSecret>;
  use(command: UseVersion, signal: AbortSignal): Promise<null>;
  remove(ref: SecretRef, signal: AbortSignal): Promise<null>;
};

/** Longer than the requests of one change can take. */
const HOLD_MS = 60_000;
/**
 * The control plane requests one change of a secret at a time, so only a change that it gave up on can still be in
 * progress.
 */
const WAIT_MS = 4000;

export function createSecretVersions(options: {
  store: SecretStore;
  locks: Pick<Locks, 'acquire'>;
  sealedValues: Pick<SealedValues, 'openSecret'>;
  /** Notified after each change, so that no replica continues with what it read before. */
  announceChange(ref: SecretRef): Promise<void>;
  now(): number;
}): SecretVersions {
  const { store, locks, sealedValues, announceChange, now } = options;

  async function alone<Result>(ref: SecretRef, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    await using lock = await locks.acquire(secretPath(inUse(ref)), { holdMs: HOLD_MS, waitMs: WAIT_MS });
    if (lock === undefined)
      throw new AppError('secret_unavailable', 'The secret is being changed concurrently: try again');
    signal.throwIfAborted();
    return await work();
  }

  async function put(ref: SecretRef, secret: Secret): Promise<void> {
    await store.put(ref, secret);
    await announceChange(ref);
  }

  async function drop(ref: SecretRef): Promise<void> {
    await store.delete(ref);
    await announceChange(ref);
  }

  const keep = (ref: SecretRef, { previous: _, ...secret }: Secret) => put(versionOf(ref, secret.version), secret);

  async function replace(ref: SecretRef, secret: Secret, overlapMs: number): Promise<void> {
    await putInUse(ref, secret, await keepReplaced(ref, secret.version), overlapMs);
  }

  function putInUse(ref: SecretRef, secret: Secret, replaced: number | undefined, overlapMs: number): Promise<void> {
    const canFallBack = replaced !== undefined && overlapMs > 0;
    return put(ref, canFallBack ? { ...secret, previous: { version: replaced, until: now() + overlapMs } } : secret);
  }

  /**
   * Returns the version that the new one replaces; for a repeated command, the version that it replaced the first time.
   */
  async function keepReplaced(ref: SecretRef, version: number): Promise<number | undefined> {
    const before = await store.get(ref);
    if (before === undefined) return undefined;
    if (before.version === version) return before.previous?.version;
    // The control plane counts on from the versions it knows: it does not know this version and would never delete it.
    if (before.version > version) return undefined;
    await keep(ref, before);
    return before.version;
  }

  return {
    async store({ ref, sealed, audience = secretAudience(ref), version, isUsed, overlapMs }, signal) {
      const { value, hosts } = await sealedValues.openSecret(sealed, audience);
      const secret = { value: new SecretValue(value), hosts, version };
      await alone(ref, signal, () =>
        isUsed ? replace(inUse(ref), secret, overlapMs) : put(versionOf(ref, version), secret),
      );
      return { version, hosts, isRedactable: value.length >= REDACTABLE_LENGTH_MIN };
    },

    use: ({ ref, version, overlapMs = 0 }, signal) =>
      alone(ref, signal, async () => {
        const before = await store.get(inUse(ref));
        if (before?.version === version) return null;
        const kept = await store.get(versionOf(ref, version));
        if (kept === undefined)
          throw new AppError('secret_missing', `The secret ${ref.name} has no version ${version}`);
        if (before !== undefined) await keep(ref, before);
        await putInUse(inUse(ref), kept, before?.version, overlapMs);
        await drop(versionOf(ref, version));
        return null;
      }),

    remove: (ref, signal) =>
      alone(ref, signal, async () => {
        await drop(ref);
        return null;
      }),
  };
}

function inUse({ workspaceId, serverId, name }: SecretRef): SecretRef {
  return { workspaceId, serverId, name };
}

function versionOf(ref: SecretRef, version: number): SecretRef {
  return { ...inUse(ref), version };
}
