import { hash } from 'node:crypto';
import type { Locks } from '@toolplane/bus';
import { AppError, type CredentialRef, type SecretRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { type Credential, parseCredential, serializeCredential } from './credential.ts';
import { type SecretStore, secretPath } from './secret-store.ts';

/** Longer than a change takes, including the request for a token and the time that the store may need. */
const HOLD_MS = 60_000;
/** Longer than a request for a token takes. */
const WAIT_MS = 12_000;
/** The delay before an unwritten record is written again; the delay doubles with each attempt. */
const LATER_MS = 1000;
const LATER_MS_MAX = 60_000;

export type CredentialRecord = {
  credential: Credential;
  /** The hosts to which the credentials may be sent. */
  hosts: string[];
  /** Counts the writes, from 1. */
  version: number;
};

/** Returns the next version of a record. If it returns its argument, nothing is written. */
type Next = (known: CredentialRecord | undefined) => Promise<Omit<CredentialRecord, 'version'> | CredentialRecord>;

/** Reads and changes credentials directly in the store, bypassing every cache. */
export type CredentialRecords = {
  read(ref: CredentialRef): Promise<CredentialRecord | undefined>;
  /**
   * Only one data plane at a time changes a record, so that none overwrites what another has just written, and no
   * deleted record reappears.
   */
  change(ref: CredentialRef, next: Next): Promise<CredentialRecord>;
  /**
   * Changes a record like `change`, for tokens whose endpoint issues each refresh token only once: if the store does
   * not accept the record, this data plane keeps and uses it, and writes it as soon as the store accepts it, unless the
   * record has been changed by then.
   */
  renew(ref: CredentialRef, next: Next): Promise<CredentialRecord>;
  remove(ref: CredentialRef): Promise<void>;
};

export function createCredentialRecords(options: {
  store: SecretStore;
  locks: Pick<Locks, 'acquire'>;
  /** Notified after each change, so that no data plane continues with what it read before. */
  announceChange(ref: SecretRef): Promise<void>;
  runLater?: (work: () => void, afterMs: number) => void;
}): CredentialRecords {
  const { store, locks, announceChange } = options;
  const runLater = options.runLater ?? ((work, afterMs) => void setTimeout(work, afterMs).unref());
  /** The records that the store has not accepted, by path, and the digest of the record that it had at that time. */
  const unwritten = new Map<string, { record: CredentialRecord; over: string }>();

  async function read(ref: CredentialRef): Promise<CredentialRecord | undefined> {
    const path = secretPath(toSecretRef(ref));
    const late = unwritten.get(path);
    const stored = await readStored(ref).catch((error: unknown) => {
      if (late === undefined) throw error;
      return late.record;
    });
    if (late === undefined || stored === late.record) return stored;
    if (digestOf(stored) === late.over) return late.record;
    unwritten.delete(path);
    return stored;
  }

  async function readStored(ref: CredentialRef): Promise<CredentialRecord | undefined> {
    const secret = await store.get(toSecretRef(ref));
    if (secret === undefined) return undefined;
    const { hosts, version } = secret;
    return { credential: parseCredential(secret), hosts, version };
  }

  async function write(ref: SecretRef, { credential, hosts, version }: CredentialRecord): Promise<void> {
    await store.put(ref, { value: serializeCredential(credential), hosts, version });
    unwritten.delete(secretPath(ref));
  }

  async function withLock<Result>(ref: SecretRef, work: () => Promise<Result>): Promise<Result> {
    await using lock = await locks.acquire(secretPath(ref), { holdMs: HOLD_MS, waitMs: WAIT_MS });
    if (lock !== undefined) return await work();
    throw new AppError('secret_unavailable', 'The credentials are being changed concurrently: try again');
  }

  function change(ref: CredentialRef, next: Next, isKept: boolean): Promise<CredentialRecord> {
    const secretRef = toSecretRef(ref);
    return withLock(secretRef, async () => {
      const known = await read(ref);
      const changed = await next(known);
      if (known !== undefined && changed === known) return known;
      const { credential, hosts } = changed;
      const record = { credential, hosts, version: (known?.version ?? 0) + 1 };
      try {
        await write(secretRef, record);
      } catch (error) {
        if (!isKept) throw error;
        keep(ref, record, digestOf(known));
        return record;
      }
      await announceChange(secretRef);
      return record;
    });
  }

  function keep(ref: CredentialRef, record: CredentialRecord, over: string): void {
    const path = secretPath(toSecretRef(ref));
    const before = unwritten.get(path);
    unwritten.set(path, { record, over: before?.over ?? over });
    if (before === undefined) writeLater(ref, LATER_MS);
  }

  function writeLater(ref: CredentialRef, afterMs: number): void {
    const again = () => writeLater(ref, Math.min(2 * afterMs, LATER_MS_MAX));
    runLater(() => void writeKept(ref).catch(again), afterMs);
  }

  function writeKept(ref: CredentialRef): Promise<void> {
    const secretRef = toSecretRef(ref);
    return withLock(secretRef, async () => {
      const known = await read(ref);
      if (known === undefined || unwritten.get(secretPath(secretRef))?.record !== known) return;
      await write(secretRef, known);
      await announceChange(secretRef);
    });
  }

  return {
    read,
    change: (ref, next) => change(ref, next, false),
    renew: (ref, next) => change(ref, next, true),
    remove(ref) {
      const secretRef = toSecretRef(ref);
      return withLock(secretRef, async () => {
        await store.delete(secretRef);
        unwritten.delete(secretPath(secretRef));
        await announceChange(secretRef);
      });
    },
  };
}

/** Versions start again after a record was removed, so they do not identify records. */
function digestOf(record: CredentialRecord | undefined): string {
  if (record === undefined) return '';
  const { credential, hosts, version } = record;
  return hash('sha256', JSON.stringify([version, hosts, serializeCredential(credential).reveal()]));
}
