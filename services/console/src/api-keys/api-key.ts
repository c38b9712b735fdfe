import type { State } from '../parts/state.ts';

/** `ApiKey` of the API. */
export type ApiKey = {
  id: string;
  /** The beginning of the key. */
  prefix: string;
  name: string;
  description: string | null;
  permissions: string[];
  mayAssertUser: boolean;
  agentId: string | null;
  /** The ids of servers. Null: all. The other restrictions work the same way. */
  allowedServers: string[] | null;
  /** Patterns of tool names. */
  allowedTools: string[] | null;
  /** Networks from which the key may be used. */
  allowedAddresses: string[] | null;
  /** The key that this key replaced. */
  rotatedFrom: string | null;
  /** The key that replaced this key. */
  rotatedTo: string | null;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
};

/** `ShownApiKey` of the API: the answer to creating a key; the key is returned only there. */
export type ShownApiKey = ApiKey & { key: string };

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
