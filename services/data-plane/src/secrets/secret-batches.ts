import type { SecretRef } from '@toolplane/contracts';
import type { Secret, SecretStore } from './secret-store.ts';

type Waiting = Pick<PromiseWithResolvers<Secret | undefined>, 'resolve' | 'reject'> & { ref: SecretRef };

/** Sends all reads of one event-loop turn to the store together, so that one request can answer several of them. */
export function batchReads(store: Pick<SecretStore, 'get' | 'getMany'>): SecretStore['get'] {
  if (store.getMany === undefined) return (ref) => store.get(ref);
  const getMany = store.getMany.bind(store);
  let waiting: Waiting[] = [];

  async function readAll(): Promise<void> {
    const reads = waiting;
    waiting = [];
    try {
      const results = await getMany(reads.map(({ ref }) => ref));
      for (const [index, result] of results.entries()) {
        if (result.status === 'fulfilled') reads[index]?.resolve(result.value);
        else reads[index]?.reject(result.reason);
      }
    } catch (error) {
      for (const { reject } of reads) reject(error);
    }
  }

  return (ref) => {
    const { promise, resolve, reject } = Promise.withResolvers<Secret | undefined>();
    if (waiting.push({ ref, resolve, reject }) === 1) setImmediate(readAll);
    return promise;
  };
}
