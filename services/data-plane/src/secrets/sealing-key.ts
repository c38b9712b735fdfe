import { AppError, type JsonObject, jsonObjectSchema, type SealingKey, sealingKeySchema } from '@toolplane/contracts';
import { generateSealingKeyPair } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';
import type { Secret, SecretStore } from './secret-store.ts';

/** No command can name this secret: names of secrets begin with a letter. */
const REF = { workspaceId: 'platform', serverId: 'data-plane', name: '_sealing_key' };

const pairSchema = z.object({ publicKey: sealingKeySchema, privateJwk: jsonObjectSchema });

/** What secrets are sealed for. It opens values on their way here; at rest they are protected by the store. */
export type SealingKeyPair = { publicKey: SealingKey; privateJwk: JsonObject };

/** Made once, on the first start of all; replicas that start together agree on the one that was stored first. */
export async function loadSealingKey(store: SecretStore): Promise<SealingKeyPair> {
  const known = await store.get(REF);
  if (known !== undefined) return parsePair(known);
  const pair = await generateSealingKeyPair();
  const value = new SecretValue(JSON.stringify(pair));
  if (await store.create(REF, { value, hosts: [], version: 1 })) return pair;
  const first = await store.get(REF);
  if (first === undefined) throw new AppError('secret_unavailable', 'The sealing key cannot be read');
  return parsePair(first);
}

/** Loads when it is first needed; while the store is away, every use tries again. */
export function createSealingKeyLoader(store: SecretStore): () => Promise<SealingKeyPair> {
  let loading: Promise<SealingKeyPair> | undefined;
  return () => {
    loading ??= loadSealingKey(store).catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

function parsePair(secret: Secret): SealingKeyPair {
  return pairSchema.parse(JSON.parse(secret.value.reveal()));
}
