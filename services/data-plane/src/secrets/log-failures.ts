import { AppError, type SecretRef } from '@toolplane/contracts';
import type { Logger } from '@toolplane/service-kit';
import { LRUCache } from 'lru-cache';
import { logSecretStoreFails, logSecretStoreWorks } from '../events.ts';
import { type SecretStore, secretPath } from './secret-store.ts';

/** The limit of reasons that are remembered; a forgotten reason is logged again. */
const REASONS_MAX = 1000;

/**
 * Calls only learn that a secret cannot be read, and a cache may hide even that. Therefore each reason is logged when
 * it first occurs, and again when the last use that failed because of it works.
 */
export function logFailures(store: SecretStore, logger: Logger): SecretStore {
  /** The last use that failed, by reason. */
  const failing = new LRUCache<string, string>({ max: REASONS_MAX });

  function recordFailure(use: string, error: unknown): void {
    // A refusal is not a failure of the store.
    if (error instanceof AppError && error.code !== 'secret_unavailable') return;
    const reason = reasonOf(error);
    if (!failing.has(reason)) logSecretStoreFails(logger, use, error);
    failing.set(reason, use);
  }

  function recordSuccess(use: string): void {
    for (const [reason, failed] of failing.entries()) {
      if (failed !== use) continue;
      failing.delete(reason);
      logSecretStoreWorks(logger, use, reason);
    }
  }

  async function watch<Result>(use: string, work: Promise<Result>): Promise<Result> {
    await work.then(
      () => recordSuccess(use),
      (error: unknown) => recordFailure(use, error),
    );
    return work;
  }

  const getMany = store.getMany?.bind(store);
  return {
    get: (ref) => watch(reading(ref), store.get(ref)),
    ...(getMany && {
      async getMany(refs: readonly SecretRef[]) {
        const results = await getMany(refs);
        for (const [index, ref] of refs.entries()) {
          const result = results[index];
          if (result?.status === 'rejected') recordFailure(reading(ref), result.reason);
          else recordSuccess(reading(ref));
        }
        return results;
      },
    }),
    put: (ref, secret) => watch(writing(ref), store.put(ref, secret)),
    create: (ref, secret) => watch(writing(ref), store.create(ref, secret)),
    delete: (ref) => watch(writing(ref), store.delete(ref)),
  };
}

const reading = (ref: SecretRef) => `read ${secretPath(ref)}`;
const writing = (ref: SecretRef) => `write ${secretPath(ref)}`;

/** Returns only our own messages and codes; any other message may quote what was read or sent. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as NodeJS.ErrnoException;
  const words = error instanceof AppError ? error.message : (code ?? error.name);
  return error.cause === undefined ? words : `${words} (${reasonOf(error.cause)})`;
}
