import { AppError, notValid, type Permission } from '@toolplane/contracts';
import { createNetworks, parseNetwork } from '@toolplane/service-kit';
import type { Principal } from '../access/principal.ts';

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

/** A key of an agent calls with the credentials of the agent. */
export function refuseSpeakingForAgents(creator: Principal): void {
  if (creator.permissions.includes('agents:write')) return;
  throw new AppError('forbidden', 'Creating a key for an agent requires the permission agents:write');
}

/** A principal restricted to some addresses cannot create a key that is valid from others. Empty: no restriction. */
export function refuseBeyondAddresses({ addresses }: Principal, allowed: readonly string[]): void {
  if (addresses === undefined) return;
  const isWithin = (network: string) => addresses.some((outer) => lieWithin(network, outer));
  if (allowed.length > 0 && allowed.every(isWithin)) return;
  throw new AppError('forbidden', 'You cannot grant what you lack: access from other addresses than yours');
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
