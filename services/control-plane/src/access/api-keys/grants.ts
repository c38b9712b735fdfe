import { AppError, notValid, type Permission } from '@toolplane/contracts';
import { createNetworks, parseNetwork } from '@toolplane/service-kit';
import type { Principal } from '../../platform/principals/principal.ts';
import type { ApiKey } from './store.ts';

/** Nobody can grant what they lack. */
export function refuseGrantingMore(creator: Principal, permissions: readonly Permission[]): void {
  const lacking = permissions.filter((permission) => !creator.permissions.includes(permission));
  if (lacking.length === 0) return;
  throw new AppError('forbidden', `You cannot grant what you lack: ${lacking.join(', ')}`);
}

export function refuseGrantingUsers(creator: Principal, mayAssertUser: boolean): void {
  if (!mayAssertUser || creator.mayAssertUser) return;
  throw new AppError('forbidden', 'You cannot grant what you lack: mayAssertUser');
}

type KeyPowers = Pick<ApiKey, 'permissions' | 'mayAssertUser' | 'allowedAddresses'>;

/** The rights of the tokens of an agent's OAuth client. */
export const CLIENT_POWERS: KeyPowers = { permissions: ['tools:call'], mayAssertUser: false, allowedAddresses: null };

/**
 * Only a principal that could have created a key may change or rotate it: otherwise a key that manages other keys could
 * lock out the owner of a more powerful one.
 */
export function refuseStronger(principal: Principal, key: KeyPowers): void {
  const advice = 'can change or rotate it; an owner or admin who is signed in can revoke it';
  refuseMissing(principal, key, 'The API key', advice);
}

/** In an emergency, an owner or admin who is signed in can revoke any key; only they may manage keys at all. */
export function refuseRevokingStronger(principal: Principal, powers: KeyPowers, holder = 'The API key'): void {
  if (principal.actor.kind !== 'key') return;
  refuseMissing(principal, powers, holder, 'can do this, or an owner or admin who is signed in');
}

function refuseMissing(principal: Principal, powers: KeyPowers, holder: string, advice: string): void {
  const { permissions, mayAssertUser, allowedAddresses } = powers;
  const missing: string[] = permissions.filter((permission) => !principal.permissions.includes(permission));
  if (mayAssertUser && !principal.mayAssertUser) missing.push('mayAssertUser');
  if (!isWithinAddresses(principal, allowedAddresses ?? [])) missing.push('access from its addresses');
  if (missing.length === 0) return;
  throw new AppError(
    'forbidden',
    `${holder} can do more than you: ${missing.join(', ')}. Only someone who has all of it ${advice}`,
  );
}

/** Giving a key to an agent requires `agents:write`, because the key then calls with the credentials of the agent. */
export function refuseSpeakingForAgents(creator: Principal): void {
  if (creator.permissions.includes('agents:write')) return;
  throw new AppError('forbidden', 'Giving a key to an agent, or taking it away, requires the permission agents:write');
}

/**
 * A principal restricted to some addresses cannot create a key that is valid from others. An empty list means no
 * restriction.
 */
export function refuseBeyondAddresses(principal: Principal, allowed: readonly string[]): void {
  if (isWithinAddresses(principal, allowed)) return;
  throw new AppError('forbidden', 'You cannot grant what you lack: access from other addresses than yours');
}

/**
 * A key that expires cannot create, rotate or change a key so that it expires later than itself: otherwise a thief
 * could keep access beyond the expiry. Null means never.
 */
export function refuseBeyondExpiry(principal: Principal, expiresAt: string | null): void {
  if (principal.expiresAt === undefined) return;
  if (expiresAt !== null && Date.parse(expiresAt) <= principal.expiresAt.getTime()) return;
  throw new AppError('forbidden', 'You cannot grant what you lack: an expiry later than yours');
}

function isWithinAddresses({ addresses }: Principal, allowed: readonly string[]): boolean {
  if (addresses === undefined) return true;
  const isWithin = (network: string) => addresses.some((outer) => lieWithin(network, outer));
  return allowed.length > 0 && allowed.every(isWithin);
}

function lieWithin(network: string, outer: string): boolean {
  const [inside, around] = [parseNetwork(network), parseNetwork(outer)];
  if (inside === undefined || around === undefined) return false;
  return inside.prefix >= around.prefix && createNetworks([outer]).has(inside.address);
}

export function refusePast(expiresAt: string | null | undefined): void {
  if (typeof expiresAt !== 'string' || Date.parse(expiresAt) > Date.now()) return;
  throw notValid([{ path: 'body.expiresAt', message: 'must be in the future' }]);
}
