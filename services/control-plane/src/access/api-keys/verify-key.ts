import { parseApiKey } from '@toolplane/contracts';
import { isApiKey } from '@toolplane/sealing';
import { createNetworks } from '@toolplane/service-kit';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { partiesOfKey } from '../../platform/principals/parties.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import * as store from './store.ts';

/** The time of the last use need not be exact, so it is written at most once a minute. */
const LAST_USE_MS = 60_000;

/**
 * Returns the principal of a key, or undefined if the key is unknown, revoked, expired, not valid for this address, or
 * belongs to an inactive agent.
 */
export async function verifyKey(
  { database, pepper }: { database: Database; pepper: string },
  key: string,
  address: string,
): Promise<Principal | undefined> {
  const keyId = parseApiKey(key)?.keyId;
  if (keyId === undefined) return undefined;
  return database.asPlatform(async (tx) => {
    const proof = await store.findKeyProof(tx, keyId);
    // An unknown key costs the same hash as a wrong one.
    const isRight = isApiKey(pepper, key, proof?.hash ?? '0'.repeat(64));
    const now = Date.now();
    if (!isRight || proof === undefined || !isGood(proof, now)) return undefined;
    const { organizationId, workspaceId, allowedAddresses, agentId } = proof;
    if (allowedAddresses.length > 0 && !createNetworks(allowedAddresses).has(address)) return undefined;
    if (now - (proof.lastUsedAt?.getTime() ?? 0) > LAST_USE_MS) {
      await store.recordUse(tx, keyId, { agentId, at: new Date(now) });
    }
    const parties = partiesOfKey(proof);
    return { actor: { kind: 'key', keyId }, parties, organizationId, workspaceId, ...toRights(proof) };
  });
}

type KeyRights = Pick<Principal, 'permissions' | 'mayAssertUser' | 'addresses' | 'expiresAt'>;

/**
 * Returns the current rights of a key, or undefined if it is revoked, expired, unknown, or belongs to an inactive
 * agent.
 */
export async function findKeyRights(tx: Transaction, keyId: string): Promise<KeyRights | undefined> {
  const proof = await store.findKeyProof(tx, keyId);
  return proof !== undefined && isGood(proof, Date.now()) ? toRights(proof) : undefined;
}

function toRights({ permissions, mayAssertUser, allowedAddresses, expiresAt }: store.KeyProof): KeyRights {
  return {
    permissions,
    mayAssertUser,
    ...(allowedAddresses.length === 0 ? {} : { addresses: allowedAddresses }),
    ...(expiresAt === null ? {} : { expiresAt }),
  };
}

function isGood({ revokedAt, expiresAt, agent }: store.KeyProof, now: number): boolean {
  if (revokedAt !== null || agent?.isActive === false) return false;
  return expiresAt === null || expiresAt.getTime() > now;
}
