import type { ApiKey } from '@toolplane/api-client';
import type { State } from '../parts/state.ts';

const SOON_MS = 14 * 86_400_000;

export function stateOf(key: ApiKey, now = Date.now()): State {
  if (key.revokedAt !== null) return { label: 'revoked', tone: 'idle' };
  const leftMs = key.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(key.expiresAt) - now;
  if (leftMs <= 0) return { label: 'expired', tone: 'idle' };
  return leftMs < SOON_MS ? { label: 'expires soon', tone: 'bad' } : { label: 'active', tone: 'good' };
}

/** What the key is valid for, in a few words. */
export function toBounds({ allowedServers, allowedTools, allowedAddresses }: ApiKey): string {
  const bounds = [
    countOf(allowedServers, 'server'),
    countOf(allowedTools, 'tool pattern'),
    countOf(allowedAddresses, 'network'),
  ];
  return bounds.filter((bound) => bound !== undefined).join(', ') || 'none';
}

function countOf(list: string[] | null, what: string): string | undefined {
  if (list === null) return undefined;
  return `${list.length} ${what}${list.length === 1 ? '' : 's'}`;
}
