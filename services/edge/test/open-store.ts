import { connectBus, createEdgeStore, type EdgeStore } from '@toolplane/bus';
import type { CallKeys } from '@toolplane/sealing';

/** Opens the store of a separate edge. */
export async function openStore(
  keys: CallKeys,
  redisUrl = process.env['REDIS_URL'] ?? '',
): Promise<EdgeStore & AsyncDisposable> {
  const bus = connectBus({ redisUrl });
  const store = await createEdgeStore({ bus, keys });
  return Object.assign(store, { [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() });
}
