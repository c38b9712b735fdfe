import { AppError, type JsonObject, jsonObjectSchema, type SealingKey, sealingKeySchema } from '@toolplane/contracts';
import { generateSealingKeyPair } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { z } from 'zod';
import type { Secret, SecretStore } from './secret-store.ts';

/**
 * The keys for which secrets are sealed. They protect values on their way to the data plane; stored values are
 * protected by the store.
 */
export type SealingKeyRing = {
  /** The newest public key, which is the only one that is handed out. */
  publicKey: SealingKey;
  /** The private keys, newest first. Values that were sealed for a replaced key can be opened for 30 more days. */
  privateJwks: readonly JsonObject[];
};

/** Called with the `kid` of the key for which a value is sealed; reads the store again if the key is not known here. */
export type GetSealingKeys = (kid?: string) => Promise<SealingKeyRing>;

/** No command can name this secret, because names of secrets begin with a letter. */
const REF = { workspaceId: 'platform', serverId: 'data-plane', name: '_sealing_key' };
const KEPT_MS = 30 * 86_400_000;
const FRESH_MS = 300_000;
/** Values that are sealed for keys that do not exist must not each cause a request to the store. */
const REREAD_INTERVAL_MS = 1000;

const storedSchema = z.object({
  publicKey: sealingKeySchema,
  privateJwk: jsonObjectSchema,
  /** The replaced keys, newest first. */
  older: z.array(z.object({ privateJwk: jsonObjectSchema, until: z.number() })).default([]),
});
type StoredKeys = z.infer<typeof storedSchema>;

/** Loads the keys at first use; while the store is unavailable, every use tries again. */
export function createSealingKeys(store: SecretStore, now: () => number = Date.now): GetSealingKeys {
  let known: { ring: SealingKeyRing; readAt: number } | undefined;
  let loading: Promise<SealingKeyRing> | undefined;

  function load(): Promise<SealingKeyRing> {
    loading ??= loadSealingKeys(store, now)
      .then((ring) => {
        known = { ring, readAt: now() };
        return ring;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  }

  return async (kid) => {
    if (known === undefined) return load();
    const { ring, readAt } = known;
    const isMissing = kid !== undefined && !ring.privateJwks.some((key) => key['kid'] === kid);
    if (now() < readAt + (isMissing ? REREAD_INTERVAL_MS : FRESH_MS)) return ring;
    return isMissing ? load() : load().catch(() => ring);
  };
}

/** Rejects if the store does not respond. */
export async function requireReachable(store: Pick<SecretStore, 'get'>): Promise<void> {
  await store.get(REF);
}

/**
 * The first key pair is generated on the very first start; replicas that start together use the pair that was stored
 * first.
 */
export async function loadSealingKeys(store: SecretStore, now: () => number = Date.now): Promise<SealingKeyRing> {
  const known = (await store.get(REF)) ?? (await createFirst(store));
  const { publicKey, privateJwk, older } = parseKeys(known);
  const kept = older.filter(({ until }) => now() < until);
  return { publicKey, privateJwks: [privateJwk, ...kept.map((it) => it.privateJwk)] };
}

export type SealingKeyRotation = { kid: string; kept: { kid: string; until: number }[] };

/**
 * Creates a new key pair for sealing. The previous one is kept, unless it was stolen: then values that were sealed for
 * it and not yet sent must be sealed again. A store without a key pair does not belong to a data plane that has ever
 * started.
 */
export async function rotateSealingKeys(
  store: SecretStore,
  { isStolen = false, now = Date.now }: { isStolen?: boolean; now?: () => number } = {},
): Promise<SealingKeyRotation> {
  const known = await store.get(REF);
  if (known === undefined) throw new AppError('secret_missing', 'The secret store holds no sealing key to replace');
  const { privateJwk, older } = parseKeys(known);
  const replaced = [{ privateJwk, until: now() + KEPT_MS }, ...older.filter(({ until }) => now() < until)];
  const kept = isStolen ? [] : replaced;
  const keys: StoredKeys = { ...(await generateSealingKeyPair()), older: kept };
  await store.put(REF, toSecret(keys, known.version + 1));
  return {
    kid: keys.publicKey.kid,
    kept: kept.map((it) => ({ kid: String(it.privateJwk['kid']), until: it.until })),
  };
}

async function createFirst(store: SecretStore): Promise<Secret> {
  const first = toSecret({ ...(await generateSealingKeyPair()), older: [] }, 1);
  if (await store.create(REF, first)) return first;
  const stored = await store.get(REF);
  if (stored === undefined) throw new AppError('secret_unavailable', 'The sealing key cannot be read');
  return stored;
}

function toSecret(keys: StoredKeys, version: number): Secret {
  return { value: new SecretValue(JSON.stringify(keys)), hosts: [], version };
}

/** The cause is dropped, because a parser's message would quote the private key. */
function parseKeys(secret: Secret): StoredKeys {
  try {
    return storedSchema.parse(JSON.parse(secret.value.reveal()));
  } catch {
    throw new AppError('secret_unavailable', 'The secret store holds a sealing key that cannot be read');
  }
}
