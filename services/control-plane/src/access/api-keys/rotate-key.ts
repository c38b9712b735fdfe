import { AppError } from '@toolplane/contracts';
import type { Transaction } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { lockAgentFor } from '../agents/agents.ts';
import { refuseBeyondExpiry, refuseStronger } from './grants.ts';
import * as store from './store.ts';

export type Rotation = {
  /** How long the old key stays valid after the rotation. */
  overlapSeconds: number;
  /** Expiry of the new key. If it is absent, the expiry of the old key is kept; null means never. */
  expiresAt?: string | null | undefined;
};

/**
 * The values of a key that replaces another one. The old key expires after the overlap, but never later than before.
 */
export async function rotateKey(
  tx: Transaction,
  principal: Principal,
  id: string,
  { overlapSeconds, expiresAt }: Rotation,
): Promise<Omit<store.NewApiKey, 'id' | 'hash'>> {
  const { key, holders } = await lockWithAgent(tx, principal, id);
  refuseStronger(principal, key);
  const until = expiresAt === undefined ? key.expiresAt : expiresAt;
  refuseBeyondExpiry(principal, until);
  await refuseUnrotatable(tx, key);
  const overlapEnd = Date.now() + overlapSeconds * 1000;
  const end = key.expiresAt === null ? overlapEnd : Math.min(overlapEnd, Date.parse(key.expiresAt));
  await store.updateApiKey(tx, id, { expiresAt: new Date(end) });
  await store.saveHoldersOfRotations(tx, id, holders);
  const { workspaceId, name, description, permissions, mayAssertUser, agentId } = key;
  return {
    workspaceId,
    name,
    description,
    permissions,
    mayAssertUser,
    agentId,
    rotatedFrom: id,
    holders,
    ...store.restrictionsOf(key),
    expiresAt: until === null ? null : new Date(until),
  };
}

/**
 * Locks the agent before the key, so that this does not deadlock with changes of an agent and then its keys. The key
 * and its successor belong to the holders of the key and to whoever rotates it.
 */
async function lockWithAgent(tx: Transaction, { parties }: Principal, id: string) {
  const { agentId } = orNotFound(await store.findApiKey(tx, id), 'API key');
  const holders = [...new Set([...(await store.findParties(tx, id)), ...parties])];
  if (agentId !== null) await lockAgentFor(tx, agentId, holders);
  await store.lockApiKey(tx, id);
  const key = orNotFound(await store.findApiKey(tx, id), 'API key');
  if (key.agentId !== agentId)
    throw new AppError('conflict', 'The key was assigned to another agent in the meantime; try again');
  return { key, holders };
}

async function refuseUnrotatable(tx: Transaction, key: store.ApiKey): Promise<void> {
  if (key.revokedAt !== null) throw new AppError('conflict', 'The key is revoked');
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.now())
    throw new AppError('conflict', 'The key has expired');
  if (key.rotatedTo !== null) throw new AppError('conflict', 'The key has already been rotated: rotate its successor');
  if (key.agentId !== null || !(await store.hasCredentials(tx, key.id))) return;
  const advice = 'store them for an agent, and assign the key to that agent (agentId)';
  throw new AppError(
    'conflict',
    `Some credentials are stored for this key only, and its successor would not have them: ${advice}`,
  );
}
